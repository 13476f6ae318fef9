import { exportSPKI } from 'jose';
import { expect, test } from 'vitest';
import {
  createDpopProof,
  createSigningKey,
  createTestAuthority,
  generateDpopKey,
  parseChallenges,
} from '../../src/index.ts';
import { startServer } from './server.ts';

// Every fragment of the README stands here word for word; ../readme.test.ts holds them together.

test('tokens', async () => {
  await using authority = await createTestAuthority();
  const aud = 'https://mcp.example.com/mcp';
  const publicKeyPem = await exportSPKI(authority.signingKey.publicKey);
  authority.mint({ aud, scope: 'deploy:read' }); // RFC 9068; undefined removes a claim
  authority.mint({ aud }, { expiresInSeconds: -1 }); // expired
  authority.mint({ aud }, { typ: 'JWT', header: { kid: '../../etc/passwd' } });
  authority.mint({ aud }, { key: await createSigningKey() }); // signed by somebody else
  authority.mint({ aud }, { algorithm: 'HS256', key: Buffer.from(publicKeyPem) }); // algorithm confusion
  authority.mintRaw({ header: { alg: 'ES256' }, payload: '{"aud":"evil","aud":"good"}' }); // kept byte by byte

  const opaque = authority.mintOpaque({ aud, scope: 'deploy:read' }); // for introspection
  authority.revoke(opaque);
  expect(authority.requests).toEqual([]);
});

test('providers', async () => {
  const audience = 'https://mcp.example.com/mcp';
  const org = await createTestAuthority({ path: '/oauth2/default', algorithm: 'RS256', audience });
  org.mintAs('okta', {}, { clientId: 'worker', scopes: ['deploy:read'] }); // a machine
  org.mintAs('okta', {}, { subjectKind: 'user' }); // a person
  org.mintAs('okta', {}, { tokenKind: 'id-token' }); // what a server must refuse
  expect(org.issuer).toMatch(/\/oauth2\/default$/);
  await org.close();
});

test('keys and time', async () => {
  await using authority = await createTestAuthority();
  await authority.rotate(); // a new key signs, the old one stays published
  await authority.rotateHard(); // the old key is gone
  await authority.addKey('RS256'); // published, and signs when asked to
  authority.publishKeys({ keys: [] }); // any document, until publishKeys(undefined) or a rotation
  authority.publishKeys(undefined);

  authority.advanceSeconds(3600);
  const url = await startServer({ issuer: authority.issuer, now: authority.now }); // so that both move together

  const headers = { authorization: `Bearer ${authority.mint({ aud: url })}` };
  expect((await fetch(url, { method: 'POST', headers })).status).toBe(200);
  const refused = await fetch(url);
  expect(parseChallenges(refused.headers.get('www-authenticate'))).toEqual([
    { scheme: 'Bearer', parameters: {} },
  ]);
});

test('faults', async () => {
  await using authority = await createTestAuthority();
  const drip = () => ['{'];
  authority.goDown(); // every connection is cut
  authority.hang(); // every request waits; close() ends them
  authority.comeBack();

  const { jwks, token } = authority.endpoints; // and metadata, introspection
  jwks.answerWith({ status: 503, headers: { 'retry-after': '5' } }, { times: 2 }); // then well again
  jwks.answerWith({ chunks: drip(), millisecondsBetweenChunks: 1000 }); // a slow loris
  token.answerWith({ body: '{"access_', thenReset: true }); // truncated
  token.answerWith(({ body }) => ({ status: 400, json: { error: 'invalid_scope', body } }));
  const release = token.hold(); // requests gather …
  release(); // … and are answered together
  jwks.setHeaders({ 'cache-control': 'max-age=31536000' });
  jwks.recover();
  authority.setMetadata({ issuer: 'https://other.example', jwks_uri: undefined });
  expect((await fetch(authority.jwksUri)).headers.get('cache-control')).toBe('max-age=31536000');
});

test('clients and proofs', async () => {
  await using authority = await createTestAuthority();
  const url = 'https://mcp.example.com/mcp';
  const key = await generateDpopKey();
  authority.registerClient({ clientId: 'worker', secret: 'a test secret', scopes: ['deploy:read'] });
  authority.registerClient({ clientId: 'nightly', publicKey: key.publicJwk, resources: [url] });

  const accessToken = authority.mint({ aud: url, cnf: { jkt: key.thumbprint } });
  const proof = createDpopProof({ key, method: 'POST', url, accessToken });
  const stale = createDpopProof({ key, method: 'POST', url, accessToken, claims: { iat: 0 } });
  expect(proof).not.toBe(stale);
});
