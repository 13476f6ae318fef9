import { expectChallenge } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../authority.ts';
import {
  expectRefusal,
  METADATA_URL,
  send,
  startProtectedApp,
  type ProtectedApp,
  type ProtectedAppOptions,
} from '../protected-app.ts';
import { createDpopClient, PROOF_ALGORITHMS, sendProof } from './dpop-requests.ts';

const authority = await createAuthority();
const client = await createDpopClient(authority);

function start(options: Partial<ProtectedAppOptions> = {}): Promise<ProtectedApp> {
  return startProtectedApp({ authorizationServers: [authority.issuer], now: authority.now, ...options });
}

/** Refused for its token, by a challenge of one scheme. */
async function expectUnmet(app: ProtectedApp, response: Response, scheme: 'Bearer' | 'DPoP'): Promise<void> {
  const reason = 'sender_constraint_unmet';
  await expectRefusal(app, response, { status: 401, error: 'invalid_token', reason, scheme });
}

const BEARER = `Bearer scope="deploy:read", resource_metadata="${METADATA_URL}"`;
const DPOP = `DPoP scope="deploy:read", resource_metadata="${METADATA_URL}", algs="${PROOF_ALGORITHMS}"`;

describe('a request without credentials', () => {
  it.each<[string, Partial<ProtectedAppOptions>, string]>([
    ['Bearer alone, where DPoP is not mentioned', {}, BEARER],
    ['Bearer alone, where DPoP is off', { dpop: false }, BEARER],
    [
      'Bearer first and DPoP behind, in one header',
      { dpop: {} },
      `${BEARER}, DPoP algs="${PROOF_ALGORITHMS}"`,
    ],
    ['the algorithms that are taken', { dpop: { algorithms: ['ES256'] } }, `${BEARER}, DPoP algs="ES256"`],
    ['DPoP alone, where it is required', { dpop: { required: true } }, DPOP],
  ])('RS24: is offered %s', async (_, options, challenge) => {
    await using app = await start(options);
    const response = await send(app, undefined);
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, challenge]);
  });
});

describe('a token bound to a key', () => {
  it('C35: is refused as Bearer, with a proof and without, and served as DPoP with a proof', async () => {
    await using app = await start();
    await expectUnmet(app, await send(app, `Bearer ${client.token}`), 'DPoP');
    const headers = { dpop: client.prove() };
    await expectUnmet(app, await send(app, `Bearer ${client.token}`, undefined, { headers }), 'DPoP');
    expect((await sendProof(app, client, client.prove())).status).toBe(200);
    expect((await send(app, `dPoP ${client.token}`, undefined, { headers })).status).toBe(200);
  });

  it('C35: is refused as Bearer after it was served as DPoP', async () => {
    await using app = await start();
    expect((await sendProof(app, client, client.prove())).status).toBe(200);
    app.callers.length = 0;
    await expectUnmet(app, await send(app, `Bearer ${client.token}`), 'DPoP');
  });

  it('C35: is refused in whatever way, where DPoP is off, and no challenge names DPoP', async () => {
    await using app = await start({ dpop: false });
    await expectUnmet(app, await send(app, `Bearer ${client.token}`), 'Bearer');
    await expectUnmet(app, await sendProof(app, client, client.prove()), 'Bearer');
    await expectUnmet(app, await send(app, `DPoP ${authority.mint()}`), 'Bearer');
  });

  it('C35: is refused once its time is over, proof or not', async () => {
    await using app = await start();
    const token = authority.mint({ cnf: { jkt: client.key.thumbprint } }, { expiresInSeconds: -60 });
    const response = await sendProof(app, { token }, client.prove({ accessToken: token }));
    const expected = {
      status: 401,
      error: 'invalid_token',
      reason: 'token_expired',
      scheme: 'DPoP',
    } as const;
    await expectRefusal(app, response, expected);
  });

  it('C35: that lacks scopes is told so in the scheme it came with', async () => {
    await using app = await start();
    const other = await createDpopClient(authority, { scope: 'other' });
    const response = await sendProof(app, other, other.prove());
    const parameters = { algs: PROOF_ALGORITHMS };
    expectChallenge(response, { status: 403, scheme: 'DPoP', error: 'insufficient_scope', parameters });
  });
});

describe('a token that is not bound', () => {
  it('C35: is refused as DPoP, with a proof and without', async () => {
    await using app = await start({ dpop: {} });
    const token = authority.mint();
    await expectUnmet(app, await send(app, `DPoP ${token}`), 'DPoP');
    await expectUnmet(app, await sendProof(app, { token }, client.prove({ accessToken: token })), 'DPoP');
  });

  it('C35: is served as Bearer, and a proof beside it is not looked at', async () => {
    await using app = await start({ dpop: {} });
    const headers = { dpop: 'not a proof' };
    expect((await send(app, `Bearer ${authority.mint()}`, undefined, { headers })).status).toBe(200);
  });

  it('C35: is refused where binding is required', async () => {
    await using app = await start({ dpop: { required: true } });
    const token = authority.mint();
    await expectUnmet(app, await send(app, `Bearer ${token}`), 'DPoP');
    await expectUnmet(app, await sendProof(app, { token }, client.prove({ accessToken: token })), 'DPoP');
    const toCertificate = authority.mint({ cnf: { 'x5t#S256': 'x'.repeat(43) } });
    await expectUnmet(app, await send(app, `Bearer ${toCertificate}`), 'DPoP');
    expect((await sendProof(app, client, client.prove())).status).toBe(200);
  });
});

describe('a token bound in a way that is not understood', () => {
  it.each([
    ['by nothing', {}],
    ['by a key in the token', { jwk: { kty: 'EC' } }],
    ['by a key id', { kid: 'k' }],
    ['by a method to come', { 'future#S512': 'x' }],
    ['by a key, and by a method to come', () => ({ jkt: client.key.thumbprint, 'future#S512': 'x' })],
    ['by another digest of the certificate', { x5t: 'x' }],
    ['by a name that would break a log line', { 'x\r\nforged: "line': 1 }],
  ])('C36: %s, is refused whatever comes with it', async (_, cnf) => {
    await using app = await start();
    const token = authority.mint({ cnf: typeof cnf === 'function' ? cnf() : cnf });
    await expectUnmet(app, await send(app, `Bearer ${token}`), 'Bearer');
    await expectUnmet(app, await sendProof(app, { token }, client.prove({ accessToken: token })), 'DPoP');
    expect(app.decisions.at(-1)?.received).not.toMatch(/[\r\n]/);
  });

  it.each([
    ['a list', ['jkt']],
    ['a text', 'jkt'],
    ['a jkt that is empty', { jkt: '' }],
    ['a jkt that is a list', () => ({ jkt: [client.key.thumbprint] })],
    ['a thumbprint that is null', () => ({ jkt: client.key.thumbprint, 'x5t#S256': null })],
  ])('C36: by %s, is refused', async (_, cnf) => {
    await using app = await start();
    const token = authority.mint({ cnf: typeof cnf === 'function' ? cnf() : cnf });
    const response = await sendProof(app, { token }, client.prove({ accessToken: token }));
    const expected = {
      status: 401,
      error: 'invalid_token',
      reason: 'claim_invalid',
      scheme: 'DPoP',
    } as const;
    await expectRefusal(app, response, expected);
  });
});

describe('wrong options', () => {
  it.each<[string, unknown, RegExp]>([
    ['an unknown one', { require: true }, /^dpop: unknown option "require", did you mean "required"/],
    ['a symmetric algorithm', { algorithms: ['HS256'] }, /^dpop\.algorithms must be a non-empty array/],
    ['no algorithm', { algorithms: [] }, /^dpop\.algorithms/],
    [
      'a wide window',
      { proofWindowSeconds: 3600 },
      /^dpop\.proofWindowSeconds must be a number from 10 to 600/,
    ],
    [
      'a short nonce secret',
      { nonce: { secret: new Uint8Array(16) } },
      /^dpop\.nonce\.secret must be at least 32/,
    ],
    [
      'a nonce lifetime of nothing',
      { nonce: { lifetimeSeconds: 0 } },
      /^dpop\.nonce\.lifetimeSeconds must be/,
    ],
    [
      'a nonce lifetime that is no number',
      { nonce: { lifetimeSeconds: '60' } },
      /^dpop\.nonce\.lifetimeSeconds/,
    ],
    ['a nonce that is a text', { nonce: 'yes' }, /^dpop\.nonce takes an object/],
    ['a store without the function', { replayStore: {} }, /^dpop\.replayStore must have a function useOnce/],
    ['a store that is null', { replayStore: null }, /^dpop\.replayStore must have a function useOnce/],
    ['true', true, /^dpop takes an object/],
  ])('RS23: %s, refuse to start', async (_, dpop, message) => {
    const options = { dpop } as Partial<ProtectedAppOptions>;
    await expect(start(options)).rejects.toThrow(message);
  });
});
