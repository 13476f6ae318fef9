import { generateKeyPairSync, createPrivateKey, sign } from 'node:crypto';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { startAdmin } from './admin-scene.ts';
import { MCP, OTHER_MCP, GRANT, basic, requestToken, registerWithSecret } from '../running-server.ts';
import { adminResourceOf } from '../../src/operations/bootstrap-client.ts';

const EX = 'urn:ietf:params:oauth:grant-type:token-exchange';
it('retired key', async () => {
  let signed = 0;
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const scene = await startAdmin({
    signer: [{ keyId: 'ext', algorithm: 'ES256', publicJwk: publicKey.export({ format: 'jwk' }), sign: async (data: Uint8Array) => sign('sha256', data, { key: privateKey, dsaEncoding: 'ieee-p1363' }) }] as never,
  }).catch((e) => { console.log('signer', e.message); return undefined; });
  if (!scene) return;
  const secret = await registerWithSecret(scene, 'mallory');
  const { body } = await requestToken(scene, { ...GRANT, resource: MCP }, basic('mallory', secret));
  const [h, p] = String(body['access_token']).split('.');
  const claims = JSON.parse(Buffer.from(p!, 'base64url').toString());
  const forged = { ...claims, aud: adminResourceOf(scene.issuer), scope: 'admin:write' };
  const input = `${h}.${Buffer.from(JSON.stringify(forged)).toString('base64url')}`;
  const token = `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  console.log('forged by a stolen key', (await scene.call('GET', '/clients', { token })).status);
  console.log((await scene.call('GET', '/signing-keys')).text);
}, 60000);

it('exchange to admin', async () => {
  const scene = await startAdmin();
  const { server } = scene;
  const admin = adminResourceOf(scene.issuer);
  const { secret = '' } = await server.clients.create({ clientId: 'gateway', authentication: { method: 'secret' }, grantTypes: ['client_credentials', EX] as never, access: [{ resource: MCP, scopes: ['deploy:read'] }, { resource: admin, scopes: ['admin:read', 'admin:write'] }] });
  const user = await registerWithSecret(scene, 'user-client');
  const t = await requestToken(scene, { ...GRANT, resource: MCP }, basic('user-client', user));
  const ex = await requestToken(scene, { grant_type: EX, subject_token: String(t.body['access_token']), subject_token_type: 'urn:ietf:params:oauth:token-type:access_token', resource: admin }, basic('gateway', secret));
  console.log('exchange', ex.status, ex.text.slice(0, 200));
  if (ex.status === 200) {
    const token = String(ex.body['access_token']);
    console.log(Buffer.from(token.split('.')[1]!, 'base64url').toString());
    const r = await scene.call('POST', '/clients', { token, body: { clientId: 'by-exchange', authentication: { method: 'workload' }, access: [{ resource: MCP, scopes: [] }] } });
    console.log(r.status, (await scene.call('GET', '/audit?type=client_created&clientId=by-exchange')).text);
  }
  for (const params of [{ ...GRANT }, { ...GRANT, scope: 'admin:read' }, { ...GRANT, resource: `${admin}/` }, { ...GRANT, resource: `${scene.issuer}/ADMIN` }, { ...GRANT, resource: scene.issuer }]) {
    const r = await requestToken(scene, params, basic('gateway', secret));
    console.log(JSON.stringify(params), r.status, r.text.slice(0, 200));
  }
  const only = await server.clients.create({ clientId: 'only-mcp', authentication: { method: 'secret' }, access: [{ resource: MCP, scopes: ['deploy:read'] }] });
  for (const params of [{ ...GRANT, resource: admin }, { ...GRANT, scope: 'admin:read' }]) {
    const r = await requestToken(scene, params, basic('only-mcp', only.secret!));
    console.log('only-mcp', JSON.stringify(params), r.status, r.text.slice(0, 200));
  }
}, 60000);

it('export', async () => {
  const scene = await startAdmin();
  for (let i = 0; i < 3000; i++) scene.server; 
  const port = Number(new URL(scene.origin).port);
  for (let i = 0; i < 1500; i++) await requestToken(scene, GRANT, basic(`nobody${i}`, 'wrong secret'));
  // disconnect
  const s = connect(port, '127.0.0.1');
  s.write(`GET /admin/v1/audit/export HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${scene.token}\r\n\r\n`);
  await new Promise((r) => s.once('data', r));
  s.destroy();
  await new Promise((r) => setTimeout(r, 500));
  console.log('after disconnect', scene.events.filter((e) => e.type === 'server_failed'));
}, 120000);

it('idempotency across callers and after', async () => {
  const scene = await startAdmin();
  const BODY = { clientId: 'made', authentication: { method: 'secret' }, access: [{ resource: MCP, scopes: ['deploy:read'] }] };
  const headers = { 'idempotency-key': 'k' };
  const a = await scene.call('POST', '/clients', { body: BODY, headers });
  await scene.call('DELETE', '/clients/made');
  const b = await scene.call('POST', '/clients', { body: BODY, headers });
  console.log('replay after deletion', a.status, b.status, a.body.secret === b.body.secret, (await scene.call('GET', '/clients/made')).status);
  const same = await Promise.all(Array.from({ length: 8 }, (_, i) => scene.call('PATCH', '/clients/administrator-1', { body: { label: `l${i}` }, headers: { 'if-match': '"nope"' } })));
  console.log(same.map((x) => x.status).join());
  const rev = (await scene.call('GET', '/clients/administrator-1')).headers.get('etag')!;
  const race = await Promise.all(Array.from({ length: 8 }, (_, i) => scene.call('PATCH', '/clients/administrator-1', { body: { label: `l${i}` }, headers: { 'if-match': rev } })));
  console.log(race.map((x) => x.status).join());
  const i = (await scene.call('POST', '/trust/issuers', { body: { issuer: 'https://idp.example.com', kind: 'workload' } }));
  const tag = i.headers.get('etag')!;
  const race2 = await Promise.all(Array.from({ length: 8 }, (_, n) => scene.call('PATCH', `/trust/issuers/${i.body.id}`, { body: { label: `l${n}` }, headers: { 'if-match': tag } })));
  console.log(race2.map((x) => x.status).join());
  const none = await scene.call('GET', '/clients/administrator-1', { headers: { 'if-none-match': (await scene.call('GET', '/clients/administrator-1')).headers.get('etag')! } });
  console.log('304?', none.status);
}, 60000);

it('throttle and XFF', async () => {
  const scene = await startAdmin({ throttling: { failuresPerClient: 3, failuresPerAddress: 10 } as never });
  const secret = await registerWithSecret(scene, 'legit');
  for (let i = 0; i < 6; i++) { const r = await requestToken(scene, GRANT, { ...basic('legit', 'wrong'), 'x-forwarded-for': `10.0.0.${i}` }); console.log(r.status, r.headers.get('retry-after')); }
  const r = await requestToken(scene, { ...GRANT, resource: MCP }, basic('legit', secret));
  console.log('legit afterwards from the same address', r.status);
}, 60000);
