import { generateKeyPairSync } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { createTestAuthority } from '@mcp-m2m/testing';
import { expect, it } from 'vitest';

import { createEventLog } from '../../src/index.ts';
import { basic, GRANT, MCP, post, requestToken } from '../running-server.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';
import { startAdmin, type AdminAnswer } from './admin-scene.ts';

const ACCESS = [{ resource: MCP, scopes: ['deploy:read'] }];

it('S1–S5: what administrators are given and send by mistake is in no log, row, audit trail, measure or other answer', async () => {
  await using authority = await createTestAuthority();
  const folder = createTemporaryFolder();
  const lines: string[] = [];
  const log = createEventLog({ level: 'trace', destination: { write: (line) => void lines.push(line) } });
  const scene = await startAdmin({
    database: join(folder, 'auth.sqlite'),
    audit: { issuedTokens: true },
    onEvent: log.listen,
  });
  const { call } = scene;
  const key = { 'idempotency-key': 'one' };
  const created = await call('POST', '/clients', {
    body: { clientId: 'nightly', authentication: { method: 'secret' }, access: ACCESS },
    headers: key,
  });
  const second = await call('POST', '/clients/nightly/secrets', {
    body: {},
    headers: { 'idempotency-key': 'two' },
  });
  const endsAt = new Date(Date.now() + 86_400_000).toISOString();
  const rotating = await call('POST', '/clients', {
    body: { clientId: 'rotating', authentication: { method: 'secret' }, access: ACCESS },
  });
  const third = await call('POST', '/clients/rotating/rotation', { body: { endsAt } });
  const secrets = [created, second, rotating, third].map(({ body }) => String(body.secret));
  for (const secret of secrets) expect(secret).toMatch(/^mcpm2m_/);
  const [secret = ''] = secrets;
  const issued = await requestToken(scene, GRANT, basic('nightly', secret));
  const token = String(issued.body['access_token']);
  const pasted = authority.mint({ sub: 'x', aud: scene.issuer, client_id: undefined }, { typ: 'JWT' });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = String(privateKey.export({ format: 'pem', type: 'pkcs8' }));
  const jwk = privateKey.export({ format: 'jwk' });
  const issuer = { issuer: 'https://idp.example.com', kind: 'workload' };

  const answers: AdminAnswer[] = [
    await call('GET', '/clients/nightly'),
    await call('GET', '/clients/nightly/secrets'),
    await call('GET', '/clients/rotating/rotation'),
    await call('GET', '/clients'),
    // What people get wrong: the credential in the wrong place.
    await call('GET', '/clients', { token: secret }),
    await call('GET', '/clients', { token }),
    await call('GET', `/clients/${secret}`),
    await call('PATCH', `/clients/${secret}`, { body: {} }),
    await call('DELETE', `/clients/${secret}`),
    await call('DELETE', `/clients/nightly/secrets/${secret}`),
    await call('PATCH', '/clients/nightly', { body: { label: 'x' }, headers: { 'if-match': `"${secret}"` } }),
    await call('POST', '/clients', {
      body: { clientId: secret, authentication: { method: 'secret' }, access: ACCESS },
    }),
    await call('POST', '/clients/nightly/keys', { body: { publicKey: pem } }),
    await call('POST', '/clients', {
      body: { authentication: { method: 'private_key_jwt', publicKey: pem }, access: ACCESS },
    }),
    await call('POST', '/clients', {
      body: { authentication: { method: 'private_key_jwt', publicKey: jwk }, access: ACCESS },
    }),
    await call('POST', '/trust/issuers', { body: { ...issuer, jwks: { keys: [jwk] } } }),
    await call('POST', '/trust/dry-run', { body: { token: pasted } }),
    await call('POST', '/trust/dry-run', { body: { token } }),
    await call('POST', '/trust/dry-run', { body: { token: secret } }),
    await call('POST', '/tokens/revoke', { body: { token } }),
    await call('POST', '/tokens/revoke', { body: { tokenId: pasted } }),
    await call('GET', `/audit?actor=${secret}`),
    await call('POST', `/signing-keys/${secret}/retire`),
    await call('GET', '/audit?limit=1000'),
    await call('GET', '/audit/export'),
    await call('GET', '/usage'),
  ];
  const others = [
    await post(`${scene.issuer}/introspect`, new URLSearchParams({ token }), basic('nightly', `${secret}x`)),
    await post(
      `${scene.issuer}/introspect`,
      new URLSearchParams({ token: secret }),
      basic('nightly', secret),
    ),
    await post(`${scene.issuer}/revoke`, new URLSearchParams({ token: pasted }), basic('nightly', secret)),
  ];
  const seen = [...answers, ...others].map(({ text, headers }) => text + inspect(headers));
  seen.push(
    await scene.server.metrics.metrics(),
    inspect(scene.server, { depth: 6, showHidden: true }),
    ...lines,
  );
  // Once more with everything written.
  await scene.server.audit.list();
  for (const file of await readdir(folder))
    seen.push((await readFile(join(folder, file))).toString('latin1'));

  const repeated = await call('POST', '/clients', {
    body: { clientId: 'nightly', authentication: { method: 'secret' }, access: ACCESS },
    headers: key,
  });
  expect(repeated.body.secret).toBe(secret);
  const everything = seen.join('\n');
  expect(everything).toContain('nightly');
  const canaries = [
    ...secrets,
    ...[token, pasted, scene.token].flatMap((jwt) => jwt.split('.').slice(1)),
    basic('nightly', secret)['authorization']?.slice('Basic '.length) ?? '',
    String(jwk.d),
    ...pem.split('\n').filter((line) => line.length > 20 && !line.startsWith('-')),
  ];
  for (const canary of canaries) expect(everything.includes(canary), canary).toBe(false);
});
