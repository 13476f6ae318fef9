import { createHash } from 'node:crypto';

import { createDpopProof, generateDpopKey, type DpopProofOptions } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';

import { createCertificateThumbprint, createTokenRequestProofs } from '../../../src/server/index.ts';

const URL = 'https://auth.example.com/token';
const key = await generateDpopKey();
const prove = (options: Partial<DpopProofOptions> = {}) =>
  createDpopProof({ key, method: 'POST', url: URL, ...options });
const request = (dpop?: string | readonly string[]) => ({
  method: 'POST',
  url: URL,
  headers: dpop === undefined ? {} : { dpop: dpop as string },
});

describe('the proof of a token request', () => {
  it('tells the key it was made with, once', async () => {
    const proofs = createTokenRequestProofs();
    const proof = prove();
    expect(await proofs.judge(request(proof))).toEqual({
      accepted: true,
      thumbprint: key.thumbprint,
      headers: {},
    });
    expect(await proofs.judge(request(proof))).toMatchObject({ accepted: false, reason: 'proof_replayed' });
    expect(await proofs.judge(request())).toBeUndefined();
  });

  it('is judged like one at a resource server, without a token', async () => {
    const proofs = createTokenRequestProofs({ algorithms: ['ES256'] });
    expect(proofs.algorithms).toEqual(['ES256']);
    const other = await generateDpopKey('RS256');
    for (const dpop of [
      '',
      'x',
      [prove(), prove()],
      prove({ method: 'GET' }),
      prove({ url: 'https://auth.example.com/other' }),
      prove({ key: other }),
      prove({ claims: { iat: undefined } }),
    ])
      expect(await proofs.judge(request(dpop))).toMatchObject({ accepted: false });
    expect(await proofs.judge(request(prove({ claims: { ath: 'of no meaning' } })))).toMatchObject({
      accepted: true,
    });
  });

  it('carries a nonce where nonces are demanded, which every answer tells', async () => {
    const proofs = createTokenRequestProofs({ nonce: true });
    const first = await proofs.judge(request(prove()));
    expect(first).toMatchObject({ accepted: false, reason: 'proof_nonce_required' });
    const nonce = first?.headers['DPoP-Nonce'] as string;
    expect(await proofs.judge(request(prove({ nonce })))).toMatchObject({ accepted: true });
    const wrong = await proofs.judge(request(prove({ nonce, method: 'GET' })));
    expect(wrong?.headers['DPoP-Nonce']).toBe(nonce);
  });

  it('cannot be judged while the replay store fails', async () => {
    const proofs = createTokenRequestProofs({
      replayStore: {
        useOnce: async () => {
          throw new Error('down');
        },
      },
    });
    expect(await proofs.judge(request(prove()))).toMatchObject({ reason: 'replay_store_unavailable' });
  });
});

describe('the thumbprint of a certificate', () => {
  it('is of the bytes of the socket or of the header that is configured, and of no other', async () => {
    const der = Uint8Array.from([1, 2, 3]);
    const thumbprint = createHash('sha256').update(der).digest('base64url');
    const headers = { 'client-cert': `:${Buffer.from(der).toString('base64')}:` };
    const [socket, header] = [
      createCertificateThumbprint({ from: 'socket' }),
      createCertificateThumbprint({ from: 'header' }),
    ];
    expect([await socket(headers, undefined), await socket({}, der)]).toEqual([undefined, thumbprint]);
    expect([await header(headers, undefined), await header({}, der)]).toEqual([thumbprint, undefined]);
  });
});
