import { describe, expect, it } from 'vitest';
import { createAuthority } from '../authority.ts';
import { send, startProtectedApp, type ProtectedApp, type ProtectedAppOptions } from '../protected-app.ts';
import { createDpopClient, expectProofRefusal, sendProof } from './dpop-requests.ts';

const authority = await createAuthority();
const client = await createDpopClient(authority);

type Nonce = NonNullable<Exclude<ProtectedAppOptions['dpop'], false | undefined>['nonce']>;

function start(nonce: Nonce = true): Promise<ProtectedApp> {
  const settings = { authorizationServers: [authority.issuer], now: authority.now };
  return startProtectedApp({ ...settings, dpop: { nonce } });
}

const NONCE_NEEDED = { reason: 'proof_nonce_required', error: 'use_dpop_nonce', nonce: true } as const;

/** Asks as a client does that has no nonce yet. */
async function fetchNonce(app: ProtectedApp): Promise<string> {
  const response = await sendProof(app, client, client.prove());
  await expectProofRefusal(app, response, NONCE_NEEDED);
  return response.headers.get('dpop-nonce') ?? '';
}

/** Status, and the nonce that comes with the answer. */
async function sendNonce(app: ProtectedApp, nonce: string): Promise<[number, string | null]> {
  const response = await sendProof(app, client, client.prove({ nonce }));
  return [response.status, response.headers.get('dpop-nonce')];
}

describe('where nonces are demanded', () => {
  it('D26: a proof without one is told which to use, and accepted with it', async () => {
    await using app = await start();
    const nonce = await fetchNonce(app);
    expect(await sendNonce(app, nonce)).toEqual([200, null]);
    expect(await sendNonce(app, nonce)).toEqual([200, null]);
  });

  it('D26: the nonce of the period before is accepted, and answered with the next one', async () => {
    await using app = await start();
    const first = await fetchNonce(app);
    authority.advanceSeconds(150);
    const response = await sendProof(app, client, client.prove({ nonce: first }));
    const second = response.headers.get('dpop-nonce') ?? '';
    expect(response.status).toBe(200);
    expect(response.headers.get('cache-control')).not.toBeNull();
    expect(second).not.toBe(first);
    expect(await sendNonce(app, second)).toEqual([200, null]);
  });

  it('D26: a stale one is refused, and answered with the current one', async () => {
    await using app = await start();
    const first = await fetchNonce(app);
    authority.advanceSeconds(300);
    const response = await sendProof(app, client, client.prove({ nonce: first }));
    await expectProofRefusal(app, response, NONCE_NEEDED);
    const current = response.headers.get('dpop-nonce') ?? '';
    expect(await sendNonce(app, current)).toEqual([200, null]);
  });

  it.each([
    ['D26: empty', ''],
    ['D26: made up', 'A'.repeat(43)],
    ['D26: of 512 characters', 'n'.repeat(512)],
  ])('%s, is refused', async (_, nonce) => {
    await using app = await start();
    await expectProofRefusal(app, await sendProof(app, client, client.prove({ nonce })), NONCE_NEEDED);
  });

  it.each([
    ['a number', 7],
    ['null', null],
    ['a list', ['n']],
    ['of 513 characters', 'n'.repeat(513)],
  ])('D26: %s, is no nonce, and the refusal brings one', async (_, nonce) => {
    await using app = await start();
    const response = await sendProof(app, client, client.prove({ claims: { nonce } }));
    await expectProofRefusal(app, response, { reason: 'proof_invalid', nonce: true });
  });

  it.each([
    ['missing', 'proof_missing', (): string | undefined => undefined],
    ['for another URL', 'proof_invalid', () => client.prove({ claims: { htu: 'https://evil.example/mcp' } })],
    ['too old', 'proof_invalid', () => client.prove({ claims: { iat: 1 } })],
  ] as const)('D26: a proof that is %s is answered with a nonce too', async (_, reason, proof) => {
    await using app = await start();
    await expectProofRefusal(app, await sendProof(app, client, proof()), { reason, nonce: true });
  });

  it('D26: a replayed proof is answered with a nonce too', async () => {
    await using app = await start();
    const proof = client.prove({ nonce: await fetchNonce(app) });
    expect((await sendProof(app, client, proof)).status).toBe(200);
    app.callers.length = 0;
    const response = await sendProof(app, client, proof);
    await expectProofRefusal(app, response, { reason: 'proof_replayed', nonce: true });
  });

  it('D26: the right nonce makes no other fault good', async () => {
    await using app = await start();
    const nonce = await fetchNonce(app);
    const response = await sendProof(app, client, client.prove({ nonce, claims: { iat: 1 } }));
    await expectProofRefusal(app, response, { reason: 'proof_invalid', nonce: true });
  });

  it('D26: tokens that are not bound need none, and hear of none', async () => {
    await using app = await start();
    const response = await send(app, `Bearer ${authority.mint()}`);
    expect([response.status, response.headers.get('dpop-nonce')]).toEqual([200, null]);
  });

  it('D26: a refused token hears of none', async () => {
    await using app = await start();
    const response = await send(app, `DPoP ${authority.mint({ aud: 'https://other.example' })}`);
    expect([response.status, response.headers.get('dpop-nonce')]).toEqual([401, null]);
  });
});

describe('several instances', () => {
  const secret = () => crypto.getRandomValues(new Uint8Array(32));

  it('D26: with one secret take each other’s nonces', async () => {
    const shared = { secret: secret() };
    await using first = await start(shared);
    await using second = await start(shared);
    expect(await sendNonce(second, await fetchNonce(first))).toEqual([200, null]);
  });

  it.each([
    ['with secrets of their own', () => ({ secret: secret() })],
    ['without a secret', () => true as const],
  ])('D26: %s do not', async (_, nonce) => {
    await using first = await start(nonce());
    await using second = await start(nonce());
    const response = await sendProof(second, client, client.prove({ nonce: await fetchNonce(first) }));
    await expectProofRefusal(second, response, NONCE_NEEDED);
  });

  it('D26: keep their own lifetime', async () => {
    await using app = await start({ lifetimeSeconds: 5 });
    const nonce = await fetchNonce(app);
    authority.advanceSeconds(10);
    await expectProofRefusal(app, await sendProof(app, client, client.prove({ nonce })), NONCE_NEEDED);
  });
});
