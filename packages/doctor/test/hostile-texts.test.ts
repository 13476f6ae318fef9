import { clientSecretBasic } from '@mcp-m2m/core/client';
import { describe, expect, it } from 'vitest';

import { diagnose, formatStep, formatTree, type DiagnoseOptions, type Diagnosis } from '../src/index.ts';
import { createRedaction } from '../src/redaction.ts';
import { json, OPAQUE_TOKEN, startHostileServer, type HostileServer, type Trick } from './hostile-server.ts';

const CLIENT_SECRET = 'Xy7-canary-Kq93vLmzP0wTeuB5';

function optionsFor({ url, origin }: HostileServer): DiagnoseOptions {
  return {
    url,
    issuer: origin,
    clientId: 'nightly-report',
    authentication: clientSecretBasic({ clientSecret: CLIENT_SECRET }),
    tool: { name: 'look' },
    timeoutMilliseconds: 5000,
  };
}

/** Everything that anybody gets to see, as it is written and as a reader could put it together again. */
function shownOf(diagnosis: Diagnosis): string {
  return [
    JSON.stringify(diagnosis),
    formatTree(diagnosis, { verbose: true }),
    formatTree(diagnosis, { verbose: true, color: true }),
    ...diagnosis.steps.map((step) => formatStep(step, { verbose: true })),
  ].join('\n');
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const lettersOf = (text: string): readonly string[] => text.split('');
const DISGUISES: Readonly<Record<string, (secret: string) => string>> = {
  'as it is': (secret) => secret,
  'in hexadecimal': (secret) => Buffer.from(secret).toString('hex'),
  'in hexadecimal with colons': (secret) =>
    (Buffer.from(secret).toString('hex').match(/../g) ?? []).join(':'),
  'in Base64': base64,
  'in Base64, after one letter': (secret) => base64(`x${secret}`),
  'in Base64, after two letters': (secret) => base64(`xy${secret}`),
  'in Base64, with the client id': (secret) => base64(`nightly-report:${secret}`),
  'percent-encoded': (secret) =>
    lettersOf(secret)
      .map((letter) => `%${letter.charCodeAt(0).toString(16)}`)
      .join(''),
  backwards: (secret) => lettersOf(secret).toReversed().join(''),
  'in upper case': (secret) => secret.toUpperCase(),
  'in JSON escapes': (secret) =>
    lettersOf(secret)
      .map((letter) => String.raw`\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  'in HTML references': (secret) =>
    lettersOf(secret)
      .map((letter) => `&#${letter.charCodeAt(0)};`)
      .join(''),
  'over many lines': (secret) => (secret.match(/.{1,5}/g) ?? []).join('\n'),
  'between spaces': (secret) => lettersOf(secret).join(' '),
  'between characters that nobody sees': (secret) => lettersOf(secret).join('\u200B'),
  'in colours': (secret) => (secret.match(/.{1,4}/g) ?? []).join('\u001B[31m'),
};

/** No form of it stands there, nor what is left of the text without all that is no letter. */
function expectConcealed(shown: string, secret: string): void {
  const disguised = Object.values(DISGUISES).map((disguise) => disguise(secret));
  for (const form of disguised) expect(shown).not.toContain(form);
  const letters = (text: string): string => text.replace(/[^a-z0-9]/gi, '').toLowerCase();
  expect(letters(shown)).not.toContain(letters(secret));
}

describe.each([
  ['the access token', OPAQUE_TOKEN],
  ['the client secret', CLIENT_SECRET],
])('S1, S3: %s is shown nowhere', (_name, secret) => {
  it.each(Object.entries(DISGUISES))('when servers repeat it %s', async (_disguise, disguise) => {
    const echo = disguise(secret);
    const refuse: Trick = (_request, response) =>
      json(response, { jsonrpc: '2.0', id: 0, error: { code: -32_000, message: `no: ${echo}` } }, 403);
    const tricks: readonly Partial<Record<string, Trick>>[] = [
      { initialize: refuse },
      { 'tools/call': refuse },
      { 'tools/list': refuse },
      {
        'tools/list': (_request, response) =>
          json(response, {
            jsonrpc: '2.0',
            id: 1,
            result: { tools: [{ name: echo, description: echo, inputSchema: { type: 'object' } }] },
          }),
      },
      // Before a token is issued nobody here can know it.
      secret === OPAQUE_TOKEN
        ? {}
        : {
            token: (_request, response) =>
              json(response, { error: 'invalid_client', error_description: `you said ${echo}` }, 401),
          },
      {
        initialize: (_request, response) => {
          response.writeHead(401, {
            'www-authenticate': `Bearer error="invalid_token", error_description="${echo.replaceAll(/[^\x20-\x7E]/g, ' ').replaceAll(/["\\]/g, '.')}"`,
          });
          response.end();
        },
      },
    ];
    for (const trick of tricks) {
      await using server = await startHostileServer(trick);
      expectConcealed(shownOf(await diagnose(optionsFor(server))), secret);
    }
  });
});

it('a token that was given is concealed from the first step on', async () => {
  await using server = await startHostileServer({
    challenge: (_request, response) =>
      void response.writeHead(401, { 'www-authenticate': `Bearer realm="${OPAQUE_TOKEN}"` }).end(),
  });
  const diagnosis = await diagnose({ url: server.url, token: OPAQUE_TOKEN });
  expectConcealed(shownOf(diagnosis), OPAQUE_TOKEN);
});

it('what stands in the query of the URL is concealed', async () => {
  await using server = await startHostileServer({});
  const diagnosis = await diagnose({ url: `${server.url}?api_key=${CLIENT_SECRET}` });
  expectConcealed(shownOf(diagnosis), CLIENT_SECRET);
  expect(diagnosis.url).toContain('?api_key=[concealed]');
});

it('a password in an address without TLS is not repeated', async () => {
  const diagnosis = await diagnose({ url: `http://alice:${CLIENT_SECRET}@mcp.example.com/mcp` });
  expect(diagnosis.verdict?.code).toBe('address_insecure');
  expectConcealed(shownOf(diagnosis), CLIENT_SECRET);
});

it('a word that is in a secret and in every language is still shown', () => {
  const redaction = createRedaction();
  redaction.add('open');
  redaction.add('the quick brown fox jumps over the lazy dog');
  expect(redaction.show('The server says: open the quick door')).toContain('The server says');
});

/** What a terminal, a log or a reader would fall for. */
const EVIL =
  '\u001B[2J\u001B]0;owned\u0007\u009B31m\r\n✔ All is well\u202Etxt.exe\u2066\uFEFF\u0000\u0008\u2028';
// eslint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u200B-\u200F\u2028-\u202E\u2066-\u2069\uFEFF]/;

describe('texts of a server cannot forge what a terminal shows', () => {
  const evilHeader = String.raw`Bearer realm="\u001b[2J", error="invalid_token", error_description="a	b"`;
  const tricks: Readonly<Record<string, Partial<Record<string, Trick>>>> = {
    'its challenge': {
      challenge: (_request, response) =>
        void response
          .writeHead(401, { 'www-authenticate': `${evilHeader}, resource_metadata="${encodeURI('\u009B')}"` })
          .end(),
    },
    'its metadata': {
      resource: (_request, response) => json(response, { resource: EVIL, authorization_servers: [EVIL] }),
    },
    'its authorization servers': {
      resource: ({ headers }, response) =>
        json(response, {
          resource: `http://${headers.host}/mcp`,
          authorization_servers: [EVIL, `https://a/${EVIL}`],
        }),
    },
    'the issuer': { issuer: (_request, response) => json(response, { issuer: EVIL }) },
    'what the issuer offers': {
      issuer: ({ headers }, response) =>
        json(response, {
          issuer: `http://${headers.host}`,
          token_endpoint: `http://${headers.host}/token`,
          grant_types_supported: [EVIL],
          token_endpoint_auth_methods_supported: [EVIL],
        }),
    },
    'a refusal of the token request': {
      token: (_request, response) => json(response, { error: EVIL, error_description: EVIL }, 400),
    },
    'a token': {
      token: (_request, response) => {
        const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
        const token = `${part({ alg: EVIL, typ: EVIL, kid: EVIL })}.${part({ iss: EVIL, aud: [EVIL], sub: EVIL, client_id: EVIL, scope: EVIL })}.c2ln`;
        json(response, { access_token: token, token_type: 'Bearer' });
      },
    },
    'the name of the server': {
      initialize: (_request, response) =>
        json(response, {
          jsonrpc: '2.0',
          id: 0,
          result: {
            protocolVersion: '2025-11-25',
            capabilities: {},
            serverInfo: { name: EVIL, version: EVIL },
          },
        }),
    },
    'a refusal of the handshake': {
      initialize: (_request, response) =>
        json(
          response,
          {
            jsonrpc: '2.0',
            id: 0,
            error: { code: 1, message: EVIL, data: { reason: 'user_required', grants: [EVIL] } },
          },
          403,
        ),
    },
    'an error': {
      initialize: (_request, response) =>
        json(response, { jsonrpc: '2.0', id: 0, error: { code: 1, message: EVIL } }),
    },
    'its tools': {
      'tools/list': (_request, response) =>
        json(response, {
          jsonrpc: '2.0',
          id: 1,
          result: {
            tools: [{ name: EVIL, description: EVIL.repeat(1000), inputSchema: { type: 'object' } }],
          },
        }),
    },
  };

  it.each(Object.entries(tricks))('%s', async (_name, trick) => {
    const written: string[] = [];
    const { warn, log, error, debug } = console;
    const record = (...parts: unknown[]): void => void written.push(parts.map(String).join(' '));
    Object.assign(console, { warn: record, log: record, error: record, debug: record });
    let diagnosis: Diagnosis;
    try {
      await using server = await startHostileServer(trick);
      diagnosis = await diagnose(optionsFor(server));
    } finally {
      Object.assign(console, { warn, log, error, debug });
    }
    const { verdict, steps, tools } = diagnosis;
    const texts = [
      ...steps.flatMap(({ sent, expected, received }) => [sent, expected, received]),
      ...steps.flatMap(({ findings }) => findings).flatMap(({ message, fix }) => [message, fix]),
      ...(tools ?? []).flatMap(({ name, description }) => [name, description]),
      verdict?.message,
    ];
    for (const text of texts) {
      expect(text ?? '').not.toMatch(UNSAFE);
      expect(text ?? '').not.toContain('\n');
      expect((text ?? '').length).toBeLessThan(2100);
    }
    expect(formatTree(diagnosis, { verbose: true })).not.toMatch(UNSAFE);
    expect(formatTree(diagnosis)).not.toMatch(/^✔ All is well/m);
    expect(written).toEqual([]);
  });

  it('even where a diagnosis was stored and read again', () => {
    const finding = { code: EVIL, severity: 'failure', message: EVIL, fix: EVIL, link: EVIL } as never;
    const step = {
      name: 'challenge',
      title: EVIL,
      status: 'failed',
      sent: EVIL,
      expected: EVIL,
      received: EVIL,
      durationMilliseconds: 1,
      findings: [finding],
    } as const;
    const diagnosis = {
      url: EVIL,
      outcome: 'broken',
      verdict: finding,
      steps: [step, { ...step, status: 'skipped' }],
    } as never;
    expect(formatTree(diagnosis, { verbose: true })).not.toMatch(UNSAFE);
    expect(formatTree(diagnosis, { verbose: true })).not.toMatch(/^✔ All is well/m);
  });
});
