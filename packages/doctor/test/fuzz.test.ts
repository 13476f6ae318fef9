import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { diagnose, formatTree, type DiagnoseOptions } from '../src/index.ts';
import { createRedaction } from '../src/redaction.ts';

const CANARY = 'canary-Zq81-token-of-the-property-tests';
const URL_OF_SERVER = 'https://mcp.example.com/mcp';
const ISSUER = 'https://auth.example.com';

/** Text with whatever a server may think of, the canary among it. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    CANARY,
    `Bearer ${CANARY}`,
    '\u001B[31m',
    'at+jwt',
    '__proto__',
    ISSUER,
    URL_OF_SERVER,
    '\r\n',
  ),
);

/** JSON, with the members that are looked at more often than by chance. */
const members = fc.constantFrom(
  'resource',
  'authorization_servers',
  'issuer',
  'token_endpoint',
  'jwks_uri',
  'grant_types_supported',
  'scopes_supported',
  'error',
  'error_description',
  'data',
  'reason',
  'grants',
  'message',
  'jsonrpc',
  'result',
  'tools',
  'nextCursor',
  'keys',
  'name',
);
const { value: json } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    text,
    fc.constantFrom(null, true, 0, -1, 1e308),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.oneof(members, text), tie('value'), { maxKeys: 6 }),
  ),
}));

const challenge = fc.oneof(
  text,
  fc
    .tuple(fc.constantFrom('Bearer', 'DPoP', 'Basic', 'bearer'), fc.dictionary(text, text, { maxKeys: 4 }))
    .map(([scheme, parameters]) => {
      const written = Object.entries(parameters).map(([name, value]) => `${name}="${value}"`);
      return `${scheme} ${written.join(', ')}`;
    }),
);

const answer = fc.record({
  status: fc.constantFrom(200, 200, 200, 202, 301, 400, 401, 401, 403, 404, 405, 429, 500, 503),
  type: fc.constantFrom('application/json', 'text/event-stream', 'text/html', ''),
  body: fc.oneof(
    json.map((value) => JSON.stringify(value)),
    text,
  ),
  challenge,
  retryAfter: text,
  date: text,
});

type Answer = typeof answer extends fc.Arbitrary<infer T> ? T : never;

function respond({ status, type, body, challenge: header, retryAfter, date }: Answer): Response {
  const headers = new Headers();
  for (const [name, value] of [
    ['content-type', type],
    ['www-authenticate', header],
    ['retry-after', retryAfter],
    ['date', date],
  ] as const) {
    try {
      headers.set(name, value);
    } catch {
      // No HTTP client would hand this on either.
    }
  }
  return new Response(body, { status, headers });
}

/** Plays a sound connection as far as its n-th answer, and whatever comes to mind from there on. */
function playing(soundAnswers: number, answers: readonly Response[]): DiagnoseOptions['fetch'] {
  let count = 0;
  return async (url) => {
    const at = count++;
    const { pathname } = new URL(url);
    if (at < soundAnswers) {
      if (pathname.includes('protected-resource'))
        return Response.json({ resource: URL_OF_SERVER, authorization_servers: [ISSUER] });
      if (pathname.includes('well-known'))
        return Response.json({
          issuer: ISSUER,
          token_endpoint: `${ISSUER}/token`,
          jwks_uri: `${ISSUER}/jwks`,
        });
      if (pathname === '/jwks') return Response.json({ keys: [] });
      return new Response('', { status: 401, headers: { 'www-authenticate': 'Bearer' } });
    }
    return answers[at % answers.length]?.clone() ?? new Response('');
  };
}

function expectSafe(shown: string): void {
  expect(shown).not.toContain(CANARY);
  expect(shown.replace(/[^a-z0-9]/gi, '')).not.toContain(CANARY.replace(/[^a-z0-9]/gi, ''));
  // eslint-disable-next-line no-control-regex
  expect(shown).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E]/);
}

describe('whatever a server answers', () => {
  it('a walk ends in ten steps and words, and no secret is among them', async () => {
    const scenario = fc.tuple(
      fc.nat({ max: 6 }),
      fc.array(answer, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
    );
    await fc.assert(
      fc.asyncProperty(scenario, async ([soundAnswers, answers, pinned]) => {
        const diagnosis = await diagnose({
          url: URL_OF_SERVER,
          token: CANARY,
          ...(pinned ? { issuer: ISSUER } : {}),
          fetch: playing(soundAnswers, answers.map(respond)),
          tool: { name: 'look' },
          timeoutMilliseconds: 300,
        });
        expect(diagnosis.steps).toHaveLength(10);
        expect(diagnosis.outcome === 'broken' ? diagnosis.verdict : true).toBeTruthy();
        const findings = diagnosis.steps.flatMap((step) => step.findings);
        expect(findings.map(({ code }) => code)).not.toContain('step_failed');
        expectSafe(formatTree(diagnosis, { verbose: true }));
        expectSafe(JSON.stringify(diagnosis).replaceAll(String.raw`\n`, ''));
      }),
      { numRuns: 300 },
    );
  });

  it('a token of any content is looked into', async () => {
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claim = fc.constantFrom(
      'iss',
      'aud',
      'exp',
      'iat',
      'nbf',
      'scope',
      'scp',
      'roles',
      'cnf',
      'sub',
      'azp',
      'typ',
    );
    const header = fc.dictionary(fc.constantFrom('alg', 'kid', 'typ', 'crit'), json, { maxKeys: 4 });
    const claims = fc.dictionary(claim, json, { maxKeys: 8 });
    await fc.assert(
      fc.asyncProperty(header, claims, fc.string(), async (head, payload, signature) => {
        const token = `${part({ alg: 'ES256', ...head })}.${part(payload)}.${Buffer.from(signature).toString('base64url')}`;
        fc.pre(token.length <= 16_384);
        const diagnosis = await diagnose({
          url: URL_OF_SERVER,
          issuer: ISSUER,
          token,
          fetch: playing(4, [new Response('', { status: 500 })]),
        });
        const step = diagnosis.steps.find(({ name }) => name === 'token');
        expect(step?.received).toBeDefined();
        expect(step?.findings.map(({ code }) => code)).not.toContain('step_failed');
        expect(formatTree(diagnosis, { verbose: true })).not.toContain(token);
      }),
      { numRuns: 300 },
    );
  });

  it('no piece of twenty letters and digits of a secret is shown, wherever it stands', () => {
    const secret = fc.string({
      unit: fc.constantFrom(...'abcdefXYZ0123456789-_.'.split('')),
      minLength: 24,
      maxLength: 80,
    });
    fc.assert(
      fc.property(secret, text, text, (value, before, after) => {
        const redaction = createRedaction();
        redaction.add(value);
        const shown = redaction.show(`${before}${value}${after}`);
        expect(shown).not.toContain(value);
        expect(shown).not.toContain(value.slice(2, 22));
      }),
    );
  });
});
