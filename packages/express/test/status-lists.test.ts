import type { RefusalReason } from '@mcp-m2m/express';
import { createSigningKey, createTestAuthority } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';
import { ask, expectServed } from './asking.ts';
import { RESOURCE } from './protected-app.ts';
import {
  TYPE,
  expectRevoked,
  expectUntold,
  listToken,
  nowSeconds,
  scene,
  serve,
  setUpStatusLists,
  start,
  tokenAt,
  uri,
} from './status-list-app.ts';

setUpStatusLists();

describe('a token status list', () => {
  it('lets a valid token pass, is asked for as the draft says, and is fetched once', async () => {
    serve(listToken([0, 1, 0]));
    await expectServed(scene.app, tokenAt(0));
    await expectServed(scene.app, tokenAt(2));
    await expectRevoked(scene.app, tokenAt(1));
    expect(scene.lists.requests).toEqual([
      { method: 'GET', path: '/lists/1', accept: 'application/statuslist+jwt', authorization: undefined },
    ]);
  });

  it('does not concern tokens that name none', async () => {
    await expectServed(scene.app, scene.authority.mint());
    expect(scene.lists.requests).toEqual([]);
  });

  it.each([
    [1, [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1], 'eNrbuRgAAhcBXQ'],
    [2, [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3], 'eNo76fITAAPfAgc'],
  ] as const)('reads the example of the draft with %i bits for each entry', async (bits, statuses, lst) => {
    serve(listToken([], bits, { status_list: { bits, lst } }));
    for (const [index, status] of statuses.entries()) {
      if (status === 0) await expectServed(scene.app, tokenAt(index));
      else await expectRevoked(scene.app, tokenAt(index));
    }
  });

  it.each([1, 2, 4, 8])('reads any status out of %i bits', async (bits) => {
    const statuses = Array.from({ length: 24 }, (_, index) => (index * 7) % 2 ** bits);
    serve(listToken(statuses, bits));
    for (const [index, status] of statuses.entries()) {
      if (status === 0) await expectServed(scene.app, tokenAt(index));
      else await expectRevoked(scene.app, tokenAt(index));
    }
  });

  it('refuses a suspended token, and lets it pass when it is not suspended any more', async () => {
    serve(listToken([2], 2));
    await expectRevoked(scene.app, tokenAt(0));
    expect(scene.app.decisions.at(-1)?.received).toContain('status 2');
    scene.authority.advanceSeconds(60);
    serve(listToken([0], 2));
    await expectServed(scene.app, tokenAt(0));
  });

  it('is checked for a token that is already verified too', async () => {
    const token = tokenAt(0, { exp: nowSeconds() + 10_000 });
    serve(listToken([0]));
    await expectServed(scene.app, token);
    serve(listToken([1]));
    scene.authority.advanceSeconds(59);
    await expectServed(scene.app, token);
    scene.authority.advanceSeconds(1);
    await expectRevoked(scene.app, token);
    expect(scene.lists.requests).toHaveLength(2);
  });

  it.each([
    ['five minutes where it has no ttl', { ttl: undefined }, 300],
    ['five minutes where its ttl is nonsense', { ttl: 'soon' }, 300],
    ['five minutes where its ttl is negative', { ttl: -5 }, 300],
    ['an hour at most', { ttl: 1_000_000 }, 3600],
    ['until it expires, and the tolerance', { ttl: 1000, exp: 40 }, 70],
  ])('is renewed after %s', async (_, { exp, ...claims }: { exp?: number; ttl?: unknown }, lifetime) => {
    const token = tokenAt(0, { exp: nowSeconds() + 100_000 });
    serve(listToken([0], 1, { ...claims, ...(exp === undefined ? {} : { exp: nowSeconds() + exp }) }));
    await expectServed(scene.app, token);
    scene.authority.advanceSeconds(lifetime - 1);
    await expectServed(scene.app, token);
    expect(scene.lists.requests).toHaveLength(1);
    serve(listToken([1], 1));
    scene.authority.advanceSeconds(2);
    await expectRevoked(scene.app, token);
    expect(scene.lists.requests).toHaveLength(2);
  });

  it('is fetched once for all who need it at the same time', async () => {
    serve(listToken([0, 0, 0]));
    await scene.app.auth.preload();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => ask(scene.app, tokenAt(index % 3))),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(scene.lists.requests).toHaveLength(1);
  });

  it('that is too short for a newly issued token is fetched again, at most every five seconds', async () => {
    serve(listToken([0, 0, 0, 0, 0, 0, 0, 0]));
    await expectServed(scene.app, tokenAt(0));
    await expectUntold(scene.app, tokenAt(8));
    expect(scene.lists.requests).toHaveLength(1);
    scene.authority.advanceSeconds(5);
    serve(listToken(Array<number>(16).fill(0)));
    await expectServed(scene.app, tokenAt(8));
    await expectUntold(scene.app, tokenAt(16));
    expect(scene.lists.requests).toHaveLength(2);
  });

  it('is the issuer’s own: two issuers at one address do not share it', async () => {
    await using other = await createTestAuthority({
      audience: RESOURCE,
      scope: 'deploy:read',
      now: scene.authority.now,
    });
    await using both = await start({
      authorizationServers: [scene.authority.issuer, other.issuer],
      statusLists: { origins: [scene.lists.origin] },
    });
    serve(listToken([0]));
    await expectServed(both, tokenAt(0));
    const status = { status_list: { idx: 0, uri: uri() } };
    await expectUntold(both, other.mint({ status }));
  });

  it('may be at the issuer’s own origin without being configured', async () => {
    await using own = await start();
    const address = `${new URL(scene.authority.issuer).origin}/introspect`;
    scene.authority.endpoints.introspection.answerWith({
      headers: TYPE,
      body: listToken([0, 1], 1, { sub: address }),
    });
    const at = (idx: number): string =>
      scene.authority.mint({ status: { status_list: { idx, uri: address } } });
    await expectServed(own, at(0));
    await expectRevoked(own, at(1));
  });

  it('is not looked at where it is switched off', async () => {
    await using off = await start({ statusLists: false });
    await expectServed(off, tokenAt(0));
    await expectServed(off, scene.authority.mint({ status: 'active' }));
    expect(scene.lists.requests).toEqual([]);
  });

  it('is asked about after isRevoked, and both must agree', async () => {
    let revoked = false;
    await using strict = await start({
      statusLists: { origins: [scene.lists.origin] },
      isRevoked: () => Promise.resolve(revoked),
    });
    serve(listToken([0, 1]));
    await expectServed(strict, tokenAt(0));
    await expectRevoked(strict, tokenAt(1));
    revoked = true;
    await expectRevoked(strict, tokenAt(0));
  });
});

describe('whose server is down', () => {
  const long = (): string => tokenAt(0, { exp: nowSeconds() + 200_000 });

  it.each(['down', 'hang'] as const)('(%s) is used until it expires, then 503', async (fault) => {
    serve(listToken([0], 1, { exp: nowSeconds() + 1000 }));
    const token = long();
    await expectServed(scene.app, token);
    scene.lists[fault]();
    scene.authority.advanceSeconds(100);
    await expectServed(scene.app, token);
    scene.authority.advanceSeconds(900);
    await expectServed(scene.app, token);
    scene.authority.advanceSeconds(30);
    await expectUntold(scene.app, token);
    serve(listToken([0]));
    scene.authority.advanceSeconds(5);
    await expectServed(scene.app, token);
  });

  it('is used for a day where it has no expiry', async () => {
    serve(listToken([0]));
    const token = long();
    await expectServed(scene.app, token);
    scene.lists.down();
    scene.authority.advanceSeconds(86_399);
    await expectServed(scene.app, token);
    scene.authority.advanceSeconds(1);
    await expectUntold(scene.app, token);
  });

  it('makes no request wait while it is known to be down', async () => {
    await using patient = await start({
      statusLists: { origins: [scene.lists.origin] },
      timeoutMilliseconds: 10_000,
    });
    serve(listToken([0]));
    const token = long();
    await expectServed(patient, token);
    scene.lists.down();
    scene.authority.advanceSeconds(60);
    await expectServed(patient, token);
    scene.lists.hang();
    scene.authority.advanceSeconds(5);
    // Answered before the ten seconds are over, or not at all.
    await expectServed(patient, token);
    await expect.poll(() => scene.lists.requests.length).toBe(3);
  });

  it('is renewed in the background when it is back', async () => {
    serve(listToken([0]));
    const token = long();
    await expectServed(scene.app, token);
    scene.lists.down();
    scene.authority.advanceSeconds(60);
    await expectServed(scene.app, token);
    serve(listToken([1]));
    scene.authority.advanceSeconds(5);
    await expectServed(scene.app, token);
    await expect.poll(async () => (await ask(scene.app, token)).status).toBe(401);
  });

  it('is asked at most every five seconds', async () => {
    scene.lists.down();
    for (let index = 0; index < 5; index++) await expectUntold(scene.app, tokenAt(0));
    expect(scene.lists.requests).toHaveLength(1);
    scene.authority.advanceSeconds(5);
    await expectUntold(scene.app, tokenAt(0));
    expect(scene.lists.requests).toHaveLength(2);
  });
});

it('that is older than the one in hand does not bring revoked tokens back', async () => {
  const token = tokenAt(0, { exp: nowSeconds() + 10_000 });
  const older = listToken([0], 1, { iat: nowSeconds() - 10 });
  serve(listToken([1]));
  await expectRevoked(scene.app, token);
  serve(older);
  scene.authority.advanceSeconds(60);
  await expectRevoked(scene.app, token);
  expect(scene.lists.requests).toHaveLength(2);
});

it.each<readonly [RefusalReason, () => string]>([
  ['token_expired', () => tokenAt(0, { exp: nowSeconds() - 60 })],
  ['audience_mismatch', () => tokenAt(0, { aud: 'https://other.example' })],
  ['sender_constraint_unmet', () => tokenAt(0, { cnf: { x: 'y' } })],
])('is not fetched for a token that is refused anyway (%s)', async (reason, mint) => {
  serve(listToken([0]));
  expect((await ask(scene.app, mint())).status).toBe(401);
  expect(scene.app.decisions.at(-1)?.reason).toBe(reason);
  expect(scene.lists.requests).toEqual([]);
});

it('is not fetched for a forged token', async () => {
  const key = await createSigningKey();
  const status = { status_list: { idx: 0, uri: uri() } };
  expect((await ask(scene.app, scene.authority.mint({ status }, { key }))).status).toBe(401);
  expect(scene.lists.requests).toEqual([]);
});

it.each([
  [['http://scene.lists.example'], /^statusLists\.origins must use https/],
  ['https://scene.lists.example', /^statusLists\.origins must be an array/],
])('is refused at construction with origins %j', async (origins, message) => {
  const statusLists = { origins } as unknown as { origins: string[] };
  await expect(start({ statusLists })).rejects.toThrow(message);
});
