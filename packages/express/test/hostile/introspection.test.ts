import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { createResourceServer } from '@mcp-m2m/core/server';
import type { RefusalReason } from '@mcp-m2m/express';
import type { EndpointAnswer } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';
import {
  CLIENT_ID,
  active,
  answerWith,
  ask,
  expectServed,
  introspecting,
  questions,
  scene,
  setUpIntrospection,
  start,
} from '../introspecting-app.ts';
import { expectInvalidToken, expectUnavailable, RESOURCE, send } from '../protected-app.ts';
import { heapAfterCollection } from './heap-after-collection.ts';

setUpIntrospection();

describe('a token that its issuer does not vouch for', () => {
  it('I2: inactive, because nobody knows it', async () => {
    await expectInvalidToken(scene.app, await ask('made-up'), 'token_inactive');
    expect(questions()).toBe(1);
  });

  it('I2: inactive, because it was revoked, at the latest when the cached answer is too old', async () => {
    const token = scene.authority.mintOpaque();
    await expectServed(token);
    scene.authority.revoke(token);
    scene.authority.advanceSeconds(31);
    await expectInvalidToken(scene.app, await ask(token), 'token_inactive');
  });

  it.each([
    ['missing', undefined],
    ['a text', 'true'],
    ['a number', 1],
    ['null', null],
    ['an object', {}],
  ])('I2: "active" is %s', async (_, value) => {
    answerWith(active({ active: value }));
    await expectInvalidToken(scene.app, await ask('opaque'), 'token_inactive');
  });

  it('I3: active, but its expiry has passed', async () => {
    answerWith(active({ exp: Math.floor(scene.authority.now() / 1000) - 31 }));
    await expectInvalidToken(scene.app, await ask('opaque'), 'token_expired');
  });

  it.each([
    ['in milliseconds', () => scene.authority.now()],
    ['a text', () => '4102444800'],
    ['null', () => null],
    ['negative', () => -1],
  ])('I3: active, but its expiry is %s', async (_, exp) => {
    answerWith(active({ exp: exp() }));
    await expectInvalidToken(scene.app, await ask('opaque'), 'claim_invalid');
  });

  it('I3: active, but not valid yet', async () => {
    answerWith(active({ nbf: Math.floor(scene.authority.now() / 1000) + 60 }));
    await expectInvalidToken(scene.app, await ask('opaque'), 'token_not_yet_valid');
  });

  it.each<readonly [string, RefusalReason, unknown]>([
    ['another resource', 'audience_mismatch', 'https://other.example'],
    ['other resources', 'audience_mismatch', ['https://other.example', 'https://third.example']],
    ['a path beneath ours', 'audience_mismatch', `${RESOURCE}/admin`],
    ['nobody', 'claim_missing', undefined],
    ['an empty list', 'claim_invalid', []],
    ['null', 'claim_invalid', null],
  ])('I4: active, but for %s', async (_, reason, aud) => {
    answerWith(active({ aud }));
    await expectInvalidToken(scene.app, await ask('opaque'), reason);
  });

  it.each<readonly [string, RefusalReason, Readonly<Record<string, unknown>>]>([
    ['of another issuer', 'claim_invalid', { iss: 'https://other.example' }],
    ['of an issuer that is a list', 'claim_invalid', { iss: [RESOURCE] }],
    ['of no client', 'claim_missing', { client_id: undefined }],
    ['of a client that is a list', 'claim_invalid', { client_id: ['job'] }],
    ['of a subject that is a number', 'claim_invalid', { sub: 7 }],
    ['with scopes as a list', 'claim_invalid', { scope: ['deploy:read'] }],
    ['with an actor that is a text', 'claim_invalid', { act: 'somebody' }],
    ['bound to a key, as Bearer', 'sender_constraint_unmet', { cnf: { jkt: 'x'.repeat(43) } }],
    ['bound to a key that is not named', 'claim_missing', { token_type: 'DPoP' }],
    ['bound in a way nobody knows', 'sender_constraint_unmet', { cnf: { unknown: 'x' } }],
  ])('active, but %s', async (_, reason, members) => {
    answerWith(active(members));
    const response = await ask('opaque');
    expect(response.status).toBe(401);
    expect(scene.app.decisions.at(-1)?.reason).toBe(reason);
    expect(scene.app.callers).toEqual([]);
  });

  it.each([
    ['token_type', 'refresh_token'],
    ['token_type', 'Refresh'],
    ['token_type', 'Offline'],
    ['token_type', 'N_A'],
    ['token_type', 'urn:ietf:params:oauth:token-type:refresh_token'],
    ['token_type', ['Bearer']],
    ['token_use', 'refresh_token'],
    ['token_use', 'id'],
    ['typ', 'Refresh'],
    ['typ', 'Offline'],
    ['typ', 'ID'],
    ['typ', 'logout+jwt'],
  ])('I12: a refresh token or another kind: "%s" is %j', async (member, kind) => {
    answerWith(active({ [member]: kind }));
    await expectInvalidToken(scene.app, await ask('opaque'), 'token_type_not_allowed');
  });

  it('I12: a refresh token that only differs by naming neither an audience nor its type', async () => {
    await using bound = await start(introspecting({}, { audience: { clientIds: ['job'] } }));
    answerWith(active({ aud: undefined, token_type: undefined }));
    await expectInvalidToken(bound, await ask('opaque', bound), 'claim_missing');
    answerWith(active({ aud: undefined }));
    await expectServed('another', bound);
  });

  it('is longer than any token, and not asked about', async () => {
    await expectInvalidToken(scene.app, await ask('x'.repeat(8193)), 'token_malformed');
    expect(questions()).toBe(0);
  });
});

describe('an introspection endpoint that cannot be asked', () => {
  it('I7: refuses our credentials: 503, and the operator learns which options are wrong', async () => {
    scene.authority.registerClient({ clientId: CLIENT_ID, secret: 'another' });
    await expectUnavailable(scene.app, await ask(scene.authority.mintOpaque()));
    expect(scene.app.decisions.at(-1)).toMatchObject({
      expected: expect.stringMatching(/introspection\.clientId and introspection\.authentication/),
      received: 'status 401',
    });
  });

  it.each([
    ['I8: 500', { status: 500, json: {} }],
    ['I8: 500 with an active token in it', { status: 500, json: { active: true } }],
    ['I8: 429', { status: 429, json: {} }],
    ['I7: 403', { status: 403, json: {} }],
    ['I8: 204', { status: 204 }],
    ['I10: HTML', { headers: { 'content-type': 'text/html' }, body: '<html></html>' }],
    ['I10: HTML that says it is JSON', { headers: { 'content-type': 'application/json' }, body: '<html>' }],
    ['I10: JSON without a content type', { body: '{"active":true}' }],
    ['I10: an array', { json: [{ active: true }] }],
    ['I10: null', { json: null }],
    [
      'I10: a member twice',
      { headers: { 'content-type': 'application/json' }, body: '{"active":false,"active":true}' },
    ],
    [
      'I10: nested ten thousand deep',
      {
        headers: { 'content-type': 'application/json' },
        body: `{"active":true,"x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      },
    ],
    [
      'I10: 50 MB',
      { headers: { 'content-type': 'application/json' }, chunks: Array(800).fill(' '.repeat(65_536)) },
    ],
    ['I10: half an answer', { json: { active: true }, thenReset: true }],
    [
      'I9: one byte at a time',
      {
        headers: { 'content-type': 'application/json' },
        chunks: Array(1000).fill(' '),
        millisecondsBetweenChunks: 50,
      },
    ],
  ] satisfies readonly (readonly [string, EndpointAnswer])[])(
    '%s: 503, nothing kept, and served when it is back',
    async (_, answer) => {
      const token = scene.authority.mintOpaque();
      answerWith(answer);
      await expectUnavailable(scene.app, await ask(token));
      scene.authority.comeBack();
      await expectServed(token);
    },
  );

  it('I8: passes on how long to wait, within a minute', async () => {
    answerWith({ status: 429, headers: { 'retry-after': '17' }, json: {} });
    expect((await ask('one')).headers.get('retry-after')).toBe('17');
    answerWith({ status: 503, headers: { 'retry-after': '86400' }, json: {} });
    expect((await ask('two')).headers.get('retry-after')).toBe('60');
  });

  it.each(['introspection', 'metadata'] as const)(
    'I9: hangs (%s): 503 within three seconds by default',
    async (endpoint) => {
      await using unhurried = await start(introspecting(), { timeoutMilliseconds: 2500 });
      scene.authority.endpoints[endpoint].hang();
      await expectUnavailable(unhurried, await ask(scene.authority.mintOpaque(), unhurried));
    },
  );

  it('I9: a signed answer whose keys hang is 503 within three seconds too', async () => {
    await using unhurried = await start(introspecting(), { timeoutMilliseconds: 2500 });
    scene.authority.endpoints.jwks.hang();
    await expectUnavailable(unhurried, await ask(scene.authority.mintOpaque(), unhurried));
  });

  it.each([301, 302, 303, 307, 308])('I10: a redirect (%i) is not followed', async (status) => {
    let followed = 0;
    const elsewhere = createServer((_, response) => {
      followed++;
      response.setHeader('content-type', 'application/json').end(JSON.stringify(active().json));
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/`;
    answerWith({ status, headers: { location }, body: '' });
    await expectUnavailable(scene.app, await ask('opaque'));
    expect(followed).toBe(0);
    await new Promise((resolve) => elsewhere.close(resolve));
  });

  it('is not discovered, because the metadata name none', async () => {
    scene.authority.setMetadata({ introspection_endpoint: undefined });
    await expectUnavailable(scene.app, await ask('opaque'));
    scene.authority.setMetadata({ introspection_endpoint: scene.authority.introspectionEndpoint });
    await expectServed(scene.authority.mintOpaque());
  });

  it('is found again when it has moved, without asking for metadata on every failure', async () => {
    const fetches = (): number => scene.authority.endpoints.metadata.requests.length;
    await expectServed(scene.authority.mintOpaque());
    scene.authority.endpoints.introspection.goDown();
    for (let index = 0; index < 5; index++) await expectUnavailable(scene.app, await ask(`token-${index}`));
    expect(fetches()).toBe(1);
    scene.authority.advanceSeconds(61);
    await expectUnavailable(scene.app, await ask('one'));
    await expectUnavailable(scene.app, await ask('two'));
    expect(fetches()).toBe(2);
  });

  it('discovers once for all who ask at the same time', async () => {
    const tokens = Array.from({ length: 20 }, () => scene.authority.mintOpaque());
    const answers = await Promise.all(tokens.map((token) => ask(token)));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(scene.authority.endpoints.metadata.requests).toHaveLength(1);
  });
});

describe('random tokens', () => {
  it('I14: 50,000 of them leave memory bounded, and good tokens known', async () => {
    const questionsAsked: string[] = [];
    const server = createResourceServer({
      resource: RESOURCE,
      authorizationServers: [introspecting({ endpoint: scene.authority.introspectionEndpoint })],
      now: scene.authority.now,
      fetch: (_, { body }) => {
        const isGood = new URLSearchParams(body as string).get('token') === 'good';
        if (isGood) questionsAsked.push('good');
        return Promise.resolve(Response.json(isGood ? active().json : { active: false }));
      },
    });
    const authenticate = async (token: string) =>
      server.authenticate({ method: 'POST', url: '/mcp', headers: { authorization: `Bearer ${token}` } });
    const filler = 'x'.repeat(4000);
    const storm = async (from: number, to: number): Promise<void> => {
      for (let index = from; index < to; index += 50) {
        const tokens = Array.from({ length: 50 }, (_, offset) => `${index + offset}-${filler}`);
        // A turn of the event loop, as between requests: what is weakly held is let go of in it.
        await setImmediate();
        const results = await Promise.all(tokens.map(authenticate));
        expect(results.every(({ ok }) => !ok)).toBe(true);
      }
    };
    expect((await authenticate('good')).ok).toBe(true);
    await storm(0, 5000);
    const before = heapAfterCollection();
    await storm(5000, 50_000);
    // 45,000 tokens of 4 kB would be 180 MB.
    expect(heapAfterCollection() - before).toBeLessThan(16_000_000);
    expect((await authenticate('good')).ok).toBe(true);
    expect(questionsAsked).toEqual(['good']);
  });

  it('I14: at most a hundred are asked about at a time, and the others are 503', async () => {
    await using patient = await start(introspecting(), { timeoutMilliseconds: 10_000 });
    const release = scene.authority.endpoints.introspection.hold();
    const statuses: number[] = [];
    const sent = Array.from({ length: 150 }, async (_, index) => {
      statuses.push((await send(patient, `Bearer random-${index}`)).status);
    });
    await expect.poll(() => statuses.length).toBe(50);
    expect(statuses).toEqual(Array(50).fill(503));
    release();
    await Promise.all(sent);
    expect(statuses.slice(50)).toEqual(Array(100).fill(401));
    expect(questions()).toBe(100);
    await expectServed(scene.authority.mintOpaque(), patient);
  });
});
