import { createDpopProof, createSigningKey, generateDpopKey, type DpopProofOptions } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';

import {
  GRANT,
  lastReason,
  registerWithSecret,
  requestToken,
  startServer,
  type RunningServer,
} from '../running-server.ts';
import { startServerForFile } from '../server-for-file.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';
import { claimsOf } from './scene.ts';

const running = await startServerForFile();
const key = await generateDpopKey();
const secret = await registerWithSecret(running, 'prover');
const boundSecret = await registerWithSecret(running, 'bound');
await running.server.clients.update('bound', { senderConstraint: 'dpop' });

const prove = (options: Partial<DpopProofOptions> = {}): string =>
  createDpopProof({ key, method: 'POST', url: `${running.issuer}/token`, ...options });

const ask = async (
  proof: string | undefined,
  server: RunningServer = running,
  clientId = 'prover',
  its = secret,
) =>
  await requestToken(
    server,
    { ...GRANT, client_id: clientId, client_secret: its },
    proof === undefined ? {} : { DPoP: proof },
  );

describe('a token request with a DPoP proof', () => {
  it('gets a token of the type DPoP that is bound to the key, by any algorithm that the metadata names', async () => {
    const response = await fetch(`${running.issuer}/.well-known/oauth-authorization-server`);
    const metadata = (await response.json()) as { dpop_signing_alg_values_supported: string[] };
    // Ed25519 is the newer name of what EdDSA means here.
    const named = metadata.dpop_signing_alg_values_supported.filter((name) => name !== 'Ed25519');
    for (const algorithm of named) {
      const generated = await generateDpopKey(algorithm as 'ES256');
      const proof = prove({ key: generated });
      const answer = await ask(proof);
      expect([algorithm, answer.status, answer.body['token_type']]).toEqual([algorithm, 200, 'DPoP']);
      expect(claimsOf(answer)['cnf']).toEqual({ jkt: generated.thumbprint });
      expect(answer.headers.get('dpop-nonce')).toBeNull();
    }
  });

  it('without one gets a bearer token that is bound to nothing', async () => {
    const answer = await ask(undefined);
    expect([answer.status, answer.body['token_type']]).toEqual([200, 'Bearer']);
    expect(claimsOf(answer)).not.toHaveProperty('cnf');
  });

  it('D1: is required of a client that is registered for it', async () => {
    for (const proof of [undefined, '']) {
      const answer = await ask(proof, running, 'bound', boundSecret);
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_dpop_proof']);
    }
    expect((await ask(undefined, running, 'bound', boundSecret)).body['error_description']).toContain(
      'DPoP header',
    );
    expect(lastReason(running)).toBe('dpop_proof_missing');
    const answer = await ask(prove(), running, 'bound', boundSecret);
    expect(answer.body['token_type']).toBe('DPoP');
  });

  const now = () => Math.floor(Date.now() / 1000);
  it.each<[string, Partial<DpopProofOptions>]>([
    ['D4: no jti', { claims: { jti: undefined } }],
    ['D4: a jti that is a number', { claims: { jti: 1 } }],
    ['D4: a jti of 10 kB', { claims: { jti: 'x'.repeat(5000) } }],
    ['D5: no htm', { claims: { htm: undefined } }],
    ['D6: no htu', { claims: { htu: undefined } }],
    ['D7: no iat', { claims: { iat: undefined } }],
    ['D8: typ JWT', { header: { typ: 'JWT' } }],
    ['D8: no typ', { header: { typ: undefined } }],
    ['D9: alg none', { header: { alg: 'none' } }],
    ['D9: alg HS256', { header: { alg: 'HS256' } }],
    ['D12: a symmetric jwk', { header: { jwk: { kty: 'oct', k: 'AAAA' } } }],
    ['D12: no jwk', { header: { jwk: undefined } }],
    ['D13: htm in another case', { claims: { htm: 'post' } }],
    ['D13: another method', { method: 'GET' }],
    ['D14: another host', { url: 'http://evil.example.com/token' }],
    ['D14: another path', { claims: { htu: `${running.issuer}/other` } }],
    ['D14: another scheme', { claims: { htu: `${running.issuer.replace('http:', 'https:')}/token` } }],
    ['D15: a trailing slash', { claims: { htu: `${running.issuer}/token/` } }],
    ['D17: an iat 301 s ago', { claims: { iat: now() - 302 } }],
    ['D17: an iat in 301 s', { claims: { iat: now() + 310 } }],
    ['D18: an iat that is a text', { claims: { iat: String(now()) } }],
    ['an expiry in the past', { claims: { exp: now() - 60 } }],
  ])('%s is refused', async (_name, options) => {
    const answer = await ask(prove(options));
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_dpop_proof']);
    expect(lastReason(running)).toBe('dpop_proof_invalid');
    expect(answer.headers.get('www-authenticate')).toBeNull();
  });

  it('D3, D10: that is no JWT, wrongly signed, private, or doubled is refused', async () => {
    const stranger = await createSigningKey();
    const { publicJwk } = key;
    for (const proof of [
      'abc',
      'a.b.c',
      prove({ signWith: stranger.privateKey as never }),
      prove({ header: { jwk: { ...publicJwk, d: 'AAAA' } } }),
      `${prove()}, ${prove()}`,
      `${prove()}x`,
    ]) {
      const answer = await ask(proof);
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_dpop_proof']);
    }
  });

  it('with a query and a fragment in htu, and an ath, which has no meaning here, is accepted', async () => {
    expect((await ask(prove({ claims: { htu: `${running.issuer}/token?x=1#y` } }))).status).toBe(200);
    expect((await ask(prove({ claims: { ath: 'anything' } }))).status).toBe(200);
  });

  it('D14: is for the issuer as configured, whatever the Host header says', async () => {
    const port = new URL(running.issuer).port;
    const proof = prove({ url: `http://localhost:${port}/token` });
    const response = await fetch(`http://localhost:${port}/token`, {
      method: 'POST',
      headers: { DPoP: proof },
      body: new URLSearchParams({ ...GRANT, client_id: 'prover', client_secret: secret }),
    }).catch(() => undefined);
    // Where localhost is not 127.0.0.1 there is nothing to be fooled by.
    expect(response?.status ?? 400).toBe(400);
    expect((await ask(proof)).body['error']).toBe('invalid_dpop_proof');
  });

  it('D23: is good once, however many copies arrive together', async () => {
    const proof = prove();
    const answers = await Promise.all(Array.from({ length: 20 }, async () => await ask(proof)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = answers.find(({ status }) => status !== 200);
    expect([refused?.status, refused?.body['error']]).toEqual([400, 'invalid_dpop_proof']);
    expect(lastReason(running)).toBe('dpop_proof_replayed');
    // The same id under another key is another proof.
    const other = await generateDpopKey();
    const jti = 'the-same';
    expect((await ask(prove({ claims: { jti } }))).status).toBe(200);
    expect((await ask(prove({ key: other, claims: { jti } }))).status).toBe(200);
  });

  it('is not looked at before the client has authenticated', async () => {
    const proof = prove();
    expect((await ask(proof, running, 'prover', 'wrong')).status).toBe(401);
    expect((await ask(proof)).status).toBe(200);
  });
});

describe('a server that demands nonces', () => {
  it('D26: refuses a proof without one, and accepts the one it hands out with every answer', async () => {
    const demanding = await startServer({ dpopNonces: true });
    try {
      const its = await registerWithSecret(demanding, 'prover');
      const send = async (options: Partial<DpopProofOptions>) =>
        await ask(prove({ url: `${demanding.issuer}/token`, ...options }), demanding, 'prover', its);
      const first = await send({});
      expect([first.status, first.body['error']]).toEqual([400, 'use_dpop_nonce']);
      expect(lastReason(demanding)).toBe('dpop_nonce_required');
      const nonce = first.headers.get('dpop-nonce') as string;
      expect((await send({ nonce })).status).toBe(200);
      for (const stale of ['', 'stale', `${nonce}x`]) {
        const answer = await send({ nonce: stale });
        expect([answer.body['error'], answer.headers.get('dpop-nonce')]).toEqual(['use_dpop_nonce', nonce]);
      }
      // Whatever else is wrong, the next proof can be right.
      expect((await send({ nonce, method: 'GET' })).headers.get('dpop-nonce')).toBe(nonce);
      expect((await ask(undefined, demanding, 'prover', its)).body['token_type']).toBe('Bearer');
    } finally {
      await demanding.stop();
    }
  });

  it('D26: forgets nonces in time, and knows those of an instance before it', async () => {
    const database = `${createTemporaryFolder()}/auth.sqlite`;
    let time = Date.now();
    const options = { database, dpopNonces: true, now: () => time };
    const first = await startServer(options);
    const its = await registerWithSecret(first, 'prover');
    const proofFor = (server: RunningServer, nonce?: string) =>
      prove({ url: `${server.issuer}/token`, now: () => time, ...(nonce === undefined ? {} : { nonce }) });
    const nonce = (await ask(proofFor(first), first, 'prover', its)).headers.get('dpop-nonce') as string;
    await first.stop();
    const second = await startServer(options);
    try {
      expect((await ask(proofFor(second, nonce), second, 'prover', its)).status).toBe(200);
      time += 301_000;
      expect((await ask(proofFor(second, nonce), second, 'prover', its)).body['error']).toBe(
        'use_dpop_nonce',
      );
    } finally {
      await second.stop();
    }
  });
});
