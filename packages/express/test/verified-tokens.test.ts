import type { McpAuthOptions } from '@mcp-m2m/express';
import type { TokenProfile } from '@mcp-m2m/core/server';
import { createSigningKey, createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDpopClient, sendProof } from './hostile/dpop-requests.ts';
import { expectInvalidToken, RESOURCE, send, startProtectedApp, type ProtectedApp } from './protected-app.ts';

let authority: TestAuthority;
/** Client ids in the order in which their tokens were verified. */
let verified: string[];

beforeEach(async () => {
  const startedAt = Date.now();
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read', now: () => startedAt });
  verified = [];
});

afterEach(() => authority.close());

/** Reads claims once for each verification, and so tells when a token was verified again. */
const counting: TokenProfile = {
  name: 'counting',
  requiredClaims: ['client_id'],
  checkType: () => undefined,
  readClaims: ({ client_id: clientId }) => {
    verified.push(String(clientId));
    const identity = { clientId: String(clientId), subject: String(clientId) };
    return { ...identity, scopes: ['deploy:read'], roles: [], kind: 'machine', evidence: 'of this test' };
  },
};

const start = (options: Partial<McpAuthOptions> = {}): Promise<ProtectedApp> =>
  startProtectedApp({
    authorizationServers: [{ issuer: authority.issuer, profile: counting }],
    now: authority.now,
    ...options,
  });

const mintFor = (client: string): string =>
  authority.mint({ sub: client, client_id: client }, { expiresInSeconds: 10_000 });

async function expectServed(app: ProtectedApp, token: string): Promise<void> {
  const response = await send(app, `Bearer ${token}`);
  expect([response.status, app.decisions.at(-1)?.reason]).toEqual([200, undefined]);
  await response.text();
  app.callers.length = 0;
}

describe('a token that was verified', () => {
  it('is not verified again', async () => {
    await using app = await start();
    const token = mintFor('job');
    for (let index = 0; index < 5; index++) await expectServed(app, token);
    expect(verified).toEqual(['job']);
  });

  it('C38: is refused once it has expired', async () => {
    await using app = await start();
    const token = authority.mint({}, { expiresInSeconds: 60 });
    await expectServed(app, token);
    authority.advanceSeconds(89);
    await expectServed(app, token);
    authority.advanceSeconds(1);
    await expectInvalidToken(app, await send(app, `Bearer ${token}`), 'token_expired');
    expect(verified).toHaveLength(1);
  });

  it('C38: is refused while the clock is set back to before it was issued', async () => {
    await using app = await start();
    const token = mintFor('job');
    await expectServed(app, token);
    authority.advanceSeconds(-31);
    await expectInvalidToken(app, await send(app, `Bearer ${token}`), 'token_not_yet_valid');
    authority.advanceSeconds(31);
    await expectServed(app, token);
  });

  it('K14: is refused within ten minutes after its key was withdrawn', async () => {
    await using app = await start();
    const token = mintFor('job');
    await expectServed(app, token);
    await authority.rotateHard();
    authority.advanceSeconds(600);
    await expectInvalidToken(app, await send(app, `Bearer ${token}`), 'key_unknown');
  });

  it('K14: is refused as soon as a token with a new key makes the withdrawal known', async () => {
    await using app = await start();
    const token = mintFor('job');
    await expectServed(app, token);
    await authority.rotateHard();
    authority.advanceSeconds(5);
    await expectServed(app, mintFor('other'));
    await expectInvalidToken(app, await send(app, `Bearer ${token}`), 'key_unknown');
  });

  it('stays verified when its key is published again beside a new one', async () => {
    await using app = await start();
    const token = mintFor('job');
    await expectServed(app, token);
    await authority.rotate();
    authority.advanceSeconds(5);
    await expectServed(app, mintFor('other'));
    await expectServed(app, token);
    expect(verified).toEqual(['job', 'other']);
  });

  it('is verified again when its key id comes to mean another key', async () => {
    await using app = await start();
    const token = mintFor('job');
    await expectServed(app, token);
    const { keyId } = authority.signingKey;
    const other = await createSigningKey('ES256', keyId);
    authority.publishKeys({ keys: [other.publicJwk] });
    authority.advanceSeconds(600);
    await expectInvalidToken(app, await send(app, `Bearer ${token}`), 'signature_invalid');
  });

  it('C35: needs its proof on every request, and a fresh one', async () => {
    await using app = await start();
    const client = await createDpopClient(authority);
    const proof = client.prove();
    const statusOf = async (used: string | undefined): Promise<number> => {
      const response = await sendProof(app, client, used);
      await response.text();
      return response.status;
    };
    expect(await statusOf(proof)).toBe(200);
    expect(await statusOf(proof)).toBe(401);
    expect(app.decisions.at(-1)?.reason).toBe('proof_replayed');
    expect(await statusOf(undefined)).toBe(401);
    expect((await send(app, `Bearer ${client.token}`)).status).toBe(401);
    expect(app.decisions.at(-1)?.reason).toBe('sender_constraint_unmet');
    expect(await statusOf(client.prove())).toBe(200);
    expect(verified).toHaveLength(1);
  });

  it('is known by all of its characters', async () => {
    await using app = await start();
    const token = mintFor('job');
    await expectServed(app, token);
    for (const other of [token.slice(0, -1), `${token}A`, token.toUpperCase()]) {
      const response = await send(app, `Bearer ${other}`);
      expect(response.status).toBe(401);
    }
    expect(verified).toEqual(['job']);
  });
});

describe('the tokens that are remembered', () => {
  it('are none that were refused, and thousands of those push no good one out', async () => {
    await using app = await start({ tokenCache: { maxEntries: 10 } });
    const good = mintFor('job');
    await expectServed(app, good);
    const forger = await createSigningKey('ES256', authority.signingKey.keyId);
    for (let round = 0; round < 40; round++) {
      const forged = Array.from({ length: 25 }, () => authority.mint({}, { key: forger }));
      const unheard = Array.from({ length: 25 }, () => authority.mint({ aud: 'https://other.example' }));
      await Promise.all(
        [...forged, ...unheard].map(async (token) => (await send(app, `Bearer ${token}`)).text()),
      );
    }
    const before = verified.filter((client) => client === 'job').length;
    await expectServed(app, good);
    expect(verified.filter((client) => client === 'job')).toHaveLength(before);
  });

  it.each([
    ['entries', { maxEntries: 10 }],
    ['bytes', { maxBytes: 30_000 }],
  ])('are bounded in %s: the ones that are not used go', async (_, tokenCache) => {
    await using app = await start({ tokenCache });
    const [first = '', ...others] = Array.from({ length: 40 }, (__, index) => mintFor(`client-${index}`));
    await expectServed(app, first);
    const last = others.at(-1) ?? '';
    for (const token of others) await expectServed(app, token);
    await expectServed(app, last);
    expect(verified).toHaveLength(40);
    await expectServed(app, first);
    expect(verified).toHaveLength(41);
  });

  it('include one that is in use, however many others come', async () => {
    await using app = await start({ tokenCache: { maxEntries: 10 } });
    const good = mintFor('job');
    for (let index = 0; index < 40; index++) {
      await expectServed(app, good);
      await expectServed(app, mintFor(`client-${index}`));
    }
    expect(verified.filter((client) => client === 'job')).toHaveLength(1);
  });

  it.each([{ maxEntries: 0 }, { maxBytes: 0 }])('are none with %j', async (tokenCache) => {
    await using app = await start({ tokenCache });
    const token = mintFor('job');
    await expectServed(app, token);
    await expectServed(app, token);
    expect(verified).toHaveLength(2);
  });
});
