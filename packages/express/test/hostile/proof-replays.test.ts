import { setTimeout as wait } from 'node:timers/promises';
import { createMemoryReplayStore, type ReplayStore } from '@mcp-m2m/core/server';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../authority.ts';
import { send, startProtectedApp, toolCall, type ProtectedApp } from '../protected-app.ts';
import { createDpopClient, expectProofRefusal, sendProof, type DpopClient } from './dpop-requests.ts';

const authority = await createAuthority();
const client = await createDpopClient(authority);

function start(replayStore?: ReplayStore): Promise<ProtectedApp> {
  const settings = { authorizationServers: [authority.issuer], now: authority.now };
  return startProtectedApp(replayStore === undefined ? settings : { ...settings, dpop: { replayStore } });
}

const REPLAYED = { reason: 'proof_replayed' } as const;
const nowSeconds = (): number => Math.floor(authority.now() / 1000);

async function expectReplayed(app: ProtectedApp, by: DpopClient, proof: string): Promise<void> {
  app.callers.length = 0;
  await expectProofRefusal(app, await sendProof(app, by, proof), REPLAYED);
}

describe('a proof that was used before', () => {
  it('D23: is refused', async () => {
    await using app = await start();
    const proof = client.prove();
    expect((await sendProof(app, client, proof)).status).toBe(200);
    await expectReplayed(app, client, proof);
    await expectReplayed(app, client, proof);
  });

  it('D23: is refused until it is too old, however far ahead it was dated', async () => {
    await using app = await start();
    const proof = client.prove({ claims: { iat: nowSeconds() + 290 } });
    expect((await sendProof(app, client, proof)).status).toBe(200);
    for (const seconds of [29, 31, 240, 280]) {
      authority.advanceSeconds(seconds);
      await expectReplayed(app, client, proof);
    }
    authority.advanceSeconds(20);
    await expectProofRefusal(app, await sendProof(app, client, proof), { reason: 'proof_invalid' });
  });

  it('D23: is refused under the other signature that ECDSA has for it', async () => {
    await using app = await start();
    const proof = client.prove();
    expect((await sendProof(app, client, proof)).status).toBe(200);
    await expectReplayed(app, client, withOtherSignature(proof));
  });

  it('D23: is refused where only its jti is the same', async () => {
    await using app = await start();
    const jti = 'one-and-only';
    expect((await sendProof(app, client, client.prove({ claims: { jti } }))).status).toBe(200);
    await expectReplayed(app, client, client.prove({ claims: { jti, iat: nowSeconds() - 200 } }));
  });

  it('D23: does not use up the jti of another key', async () => {
    await using app = await start();
    const other = await createDpopClient(authority);
    const claims = { jti: 'the same' };
    expect((await sendProof(app, client, client.prove({ claims }))).status).toBe(200);
    expect((await sendProof(app, other, other.prove({ claims }))).status).toBe(200);
  });

  it('D23: is not used up by a request that was refused for its proof or token', async () => {
    await using app = await start();
    const claims = { jti: 'still good' };
    const wrong = client.prove({ claims: { ...claims, htm: 'GET' } });
    expect((await sendProof(app, client, wrong)).status).toBe(401);
    expect(
      (
        await send(app, `DPoP ${authority.mint()}`, undefined, {
          headers: { dpop: client.prove({ claims }) },
        })
      ).status,
    ).toBe(401);
    expect((await sendProof(app, client, client.prove({ claims }))).status).toBe(200);
  });

  it('D23: is used up by a request that was refused for its scopes', async () => {
    await using app = await start();
    const proof = client.prove();
    const body = JSON.stringify(toolCall('start_deployment', { service: 'web' }));
    expect((await sendProof(app, client, proof, { body })).status).toBe(403);
    await expectReplayed(app, client, proof);
  });

  it('D23: is accepted once of 50 at a time', async () => {
    await using app = await start();
    expect(await sendAtOnce([app], client.prove())).toBe(1);
  });
});

describe('several nodes', () => {
  it('D24: that share a store accept a proof once', async () => {
    const store = createMemoryReplayStore({ now: authority.now });
    await using first = await start(store);
    await using second = await start(store);
    const proof = client.prove();
    expect((await sendProof(first, client, proof)).status).toBe(200);
    await expectReplayed(second, client, proof);
    await expectReplayed(first, client, proof);
  });

  it.each([
    ['in memory', (): ReplayStore => createMemoryReplayStore({ now: authority.now })],
    ['elsewhere', createRemoteStore],
  ])('D24: that share a store %s accept one of 50 at a time', async (_, createStore) => {
    const store = createStore();
    await using first = await start(store);
    await using second = await start(store);
    expect(await sendAtOnce([first, second], client.prove())).toBe(1);
    expect(await sendAtOnce([second, first], client.prove())).toBe(1);
  });

  it('D24: that share nothing accept it once each, which is what the store is for', async () => {
    await using first = await start();
    await using second = await start();
    const proof = client.prove();
    expect((await sendProof(first, client, proof)).status).toBe(200);
    expect((await sendProof(second, client, proof)).status).toBe(200);
  });

  it('D24: are told the key, not the proof, and until when', async () => {
    const seen: [string, number][] = [];
    await using app = await start({ useOnce: (key, expiresAt) => seen.push([key, expiresAt]) > 0 });
    const iat = nowSeconds();
    await sendProof(app, client, client.prove({ claims: { jti: 'j'.repeat(256), iat } }));
    expect(seen).toEqual([[`${client.key.thumbprint}.${'j'.repeat(256)}`, iat + 301]]);
  });
});

describe('a store that cannot tell', () => {
  it.each<[string, ReplayStore['useOnce']]>([
    [
      'throws',
      () => {
        throw new Error('canary-secret: connection refused');
      },
    ],
    ['rejects', () => Promise.reject(new Error('canary-secret: connection refused'))],
    ['hangs', () => new Promise<boolean>(() => undefined)],
  ])('D24: because it %s, is answered 503', async (_, useOnce) => {
    await using app = await start({ useOnce });
    const response = await sendProof(app, client, client.prove());
    expect(response.status).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(response.headers.get('www-authenticate')).toBeNull();
    const text = await response.text();
    expect(JSON.parse(text)).toEqual({
      error: 'temporarily_unavailable',
      error_description: expect.any(String),
    });
    expect(app.decisions.at(-1)).toMatchObject({
      outcome: 'refused',
      reason: 'replay_store_unavailable',
      status: 503,
    });
    expect(`${text}${JSON.stringify(app.decisions)}`).not.toContain('canary');
    expect(app.callers).toEqual([]);
  });

  it('D24: because it is full, is answered 503, and serves again when proofs have run out', async () => {
    await using app = await start(createMemoryReplayStore({ maxEntries: 2, now: authority.now }));
    const statuses = [];
    for (let count = 0; count < 3; count++)
      statuses.push((await sendProof(app, client, client.prove())).status);
    expect(statuses).toEqual([200, 200, 503]);
    expect((await send(app, `Bearer ${authority.mint()}`)).status).toBe(200);
    authority.advanceSeconds(340);
    expect((await sendProof(app, client, client.prove())).status).toBe(200);
  });

  it.each([['OK'], [1], [undefined], [{}]])(
    'D24: because it answers %j, lets no proof pass',
    async (answer) => {
      await using app = await start({ useOnce: () => answer as unknown as boolean });
      await expectProofRefusal(app, await sendProof(app, client, client.prove()), REPLAYED);
    },
  );
});

/** How many of 50 identical requests, sent in parallel, are served. */
async function sendAtOnce(apps: readonly ProtectedApp[], proof: string): Promise<number> {
  const [first] = apps;
  if (first === undefined) return 0;
  const requests = Array.from({ length: 50 }, (_, index) => apps[index % apps.length] ?? first);
  const responses = await Promise.all(requests.map((app) => sendProof(app, client, proof)));
  const statuses = responses.map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(49);
  return statuses.filter((status) => status === 200).length;
}

/** A store with a network before it, as a database has: atomic, and slow to answer. */
function createRemoteStore(): ReplayStore {
  const used = new Set<string>();
  return {
    useOnce: async (key) => {
      await wait(Math.random() * 5);
      const first = !used.has(key);
      used.add(key);
      await wait(Math.random() * 5);
      return first;
    },
  };
}

const ORDER_OF_P256 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Of an ECDSA signature (r, s) anybody can make (r, n − s), which is as valid. */
function withOtherSignature(proof: string): string {
  const [header, claims, signature = ''] = proof.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const other = Buffer.from((ORDER_OF_P256 - s).toString(16).padStart(64, '0'), 'hex');
  return `${header}.${claims}.${Buffer.concat([bytes.subarray(0, 32), other]).toString('base64url')}`;
}
