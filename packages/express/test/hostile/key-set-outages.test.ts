import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSigningKey, createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectUnavailable, RESOURCE, send, startProtectedApp, type ProtectedApp } from '../protected-app.ts';

let authority: TestAuthority;
let app: ProtectedApp;

beforeEach(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  app = await startProtectedApp({
    authorizationServers: [authority.issuer],
    now: authority.now,
    timeoutMilliseconds: 1500,
  });
});

afterEach(async () => {
  await app[Symbol.asyncDispose]();
  await authority.close();
});

const bearer = (...mint: Parameters<TestAuthority['mint']>): string => `Bearer ${authority.mint(...mint)}`;
const keyFetches = (): number => authority.endpoints.jwks.requests.length;
/** Fails, rather than waits, when the answer takes three seconds. */
const sendBounded = (to: ProtectedApp, authorization = bearer()): Promise<Response> =>
  send(to, authorization, undefined, { signal: AbortSignal.timeout(3000) });

async function expectServed(): Promise<void> {
  const response = await sendBounded(app);
  expect(response.status).toBe(200);
  await response.text();
  app.callers.length = 0;
}

const slowLoris = {
  headers: { 'content-type': 'application/json' },
  chunks: endlessSpaces(),
  millisecondsBetweenChunks: 50,
};

function endlessSpaces(): Iterable<string> {
  return {
    *[Symbol.iterator]() {
      for (;;) yield ' ';
    },
  };
}

type Fault = readonly [name: string, fail: (authority: TestAuthority) => void];

const FAULTS: readonly Fault[] = [
  ['answers 500', ({ endpoints }) => endpoints.jwks.answerWith({ status: 500, json: {} })],
  ['answers 429', ({ endpoints }) => endpoints.jwks.answerWith({ status: 429, json: {} })],
  ['cuts its connections', (failing) => failing.goDown()],
  ['hangs', (failing) => failing.hang()],
  ['sends its keys byte by byte', ({ endpoints }) => endpoints.jwks.answerWith(slowLoris)],
  [
    'cuts the answer short',
    ({ endpoints }) => endpoints.jwks.answerWith({ json: { keys: [] }, thenReset: true }),
  ],
];

describe('an authorization server that', () => {
  it.each(FAULTS)(
    'K10: %s: cold requests are 503 within three seconds, and served when it is back',
    async (_, fail) => {
      fail(authority);
      await expectUnavailable(app, await sendBounded(app));
      authority.comeBack();
      authority.advanceSeconds(5);
      await expectServed();
    },
  );

  it.each(FAULTS)('K10: %s: warm requests are served, right through the outage', async (_, fail) => {
    await expectServed();
    fail(authority);
    authority.advanceSeconds(301);
    await expectServed();
    authority.advanceSeconds(3600);
    await expectServed();
    authority.advanceSeconds(82_000);
    await expectServed();
    authority.advanceSeconds(500);
    await expectUnavailable(app, await sendBounded(app));
    authority.comeBack();
    authority.advanceSeconds(5);
    await expectServed();
  });

  it('K10: fails while a new key came: 503, not the token’s fault', async () => {
    await expectServed();
    authority.goDown();
    authority.advanceSeconds(5);
    await expectUnavailable(app, await sendBounded(app, bearer({}, { key: await createSigningKey() })));
    await expectServed();
  });

  it.each(['metadata', 'jwks'] as const)(
    'K10: hangs (%s): cold requests are 503 within three seconds by default',
    async (endpoint) => {
      await using unhurried = await startProtectedApp({
        authorizationServers: [authority.issuer],
        now: authority.now,
      });
      authority.endpoints[endpoint].hang();
      await expectUnavailable(unhurried, await sendBounded(unhurried));
    },
  );
});

describe('key set documents that are refused', () => {
  it.each([
    [
      'K11: 50 MB',
      {
        headers: { 'content-type': 'application/json' },
        chunks: Array.from({ length: 800 }, () => ' '.repeat(65_536)),
      },
    ],
    ['K12: HTML', { headers: { 'content-type': 'text/html' }, body: '<html></html>' }],
    [
      'K12: HTML that says it is JSON',
      { headers: { 'content-type': 'application/json' }, body: '<html></html>' },
    ],
    ['K12: an array', { json: [] }],
    ['K12: keys an object', { json: { keys: { 0: {} } } }],
    ['K12: keys missing', { json: {} }],
    ['K12: status 206', { status: 206, json: { keys: [] } }],
  ])('%s: cold 503, warm served', async (_, answer) => {
    authority.endpoints.jwks.answerWith(answer);
    await expectUnavailable(app, await sendBounded(app));
    authority.comeBack();
    authority.advanceSeconds(5);
    await expectServed();
    authority.endpoints.jwks.answerWith(answer);
    authority.advanceSeconds(301);
    const fetches = keyFetches();
    await expectServed();
    await expect.poll(keyFetches, { timeout: 3000 }).toBeGreaterThan(fetches);
    await expectServed();
  });

  it.each([301, 302, 303, 307, 308])(
    'K13: a redirect (%i) to the attacker’s keys is not followed',
    async (status) => {
      const attacker = await createSigningKey();
      let followed = 0;
      const elsewhere = createServer((_, response) => {
        followed++;
        response
          .setHeader('content-type', 'application/json')
          .end(JSON.stringify({ keys: [attacker.publicJwk] }));
      });
      await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
      const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/jwks`;
      authority.endpoints.jwks.answerWith({ status, headers: { location }, body: '' });
      await expectUnavailable(app, await sendBounded(app, bearer({}, { key: attacker })));
      expect(followed).toBe(0);
      await new Promise((resolve) => elsewhere.close(resolve));
    },
  );
});
