import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { startAdmin } from './admin-scene.ts';
import { MCP, GRANT, basic, requestToken, registerWithSecret } from '../running-server.ts';

async function raw(port: number, text: string, ms = 700): Promise<string> {
  return await new Promise((resolve) => {
    const s = connect(port, '127.0.0.1');
    let out = '';
    s.on('data', (d) => (out += d));
    s.on('close', () => resolve(out));
    s.on('error', () => resolve(out + 'ERR'));
    s.write(text);
    setTimeout(() => { s.destroy(); resolve(out || '(nothing)'); }, ms);
  });
}

it('paths', async () => {
  const scene = await startAdmin();
  const port = Number(new URL(scene.origin).port);
  await scene.server.clients.create({ clientId: 'victim', authentication: { method: 'workload' }, access: [{ resource: MCP, scopes: [] }] });
  const targets = [
    '/admin/v1/clients', '//admin/v1/clients', '/admin//v1/clients', '/admin/v1//clients', '/admin/v1/clients/', '/ADMIN/v1/clients', '/admin/v1/CLIENTS',
    '/admin/v1/%63lients', '/admin/v1/./clients', '/admin/v1/x/../clients', '/admin/v1/%2e%2e/v1/clients', '/admin/v1/..%2fclients', '/x/../admin/v1/clients', '/%61dmin/v1/clients',
    '/admin/v1/clients/victim/admin/v1/openapi.json', '/admin/v1/clients/victim%2Fadmin%2Fv1%2Fopenapi.json', '/admin/v1/clients?/admin/v1/openapi.json', '/admin/v1/clients#/admin/v1/openapi.json',
    '/admin/v1/clients;/admin/v1/openapi.json', '/admin/v1/openapi.json', '/admin/v1/openapi.json/../clients', '/admin/v1/openapi.json/%2e%2e/clients', '/admin/v1/clients%23/admin/v1/openapi.json', '/admin/v1/clients%3f/admin/v1/openapi.json',
    '/admin/v1/clients\\admin\\v1\\openapi.json', '/admin/v1/clients\\..\\clients', '/admin/v1', '/admin/v1/', '/admin',
    `http://127.0.0.1:${port}/admin/v1/clients`, `http://evil/admin/v1/clients`, `http://evil/admin/v1/openapi.json/../clients`, '/admin/v1/clients/%00', '/admin/v1/clients/%ff', '/admin/v1/clients/%E0%A4%A', '/admin/v1/%', '/admin/v1/openapi.json?x', '/admin/v1/openapi%2ejson',
    '/.well-known/oauth-protected-resource/admin', '/.well-known/oauth-protected-resource/admin/',
  ];
  for (const m of ['GET']) for (const t of targets) {
    const a = await raw(port, `${m} ${t} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
    console.log(m, t, '=>', a.split('\r\n')[0], a.includes('victim') && !t.includes('victim') ? 'LEAK!!!' : '', a.slice(-80).replace(/\s+/g, ' '));
  }
  for (const m of ['POST','PUT','DELETE','OPTIONS','HEAD','PATCH','TRACE','PROPFIND']) for (const t of ['/admin/v1/clients','/admin/v1/openapi.json','/.well-known/oauth-protected-resource/admin']) {
    const a = await raw(port, `${m} ${t} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
    console.log(m, t, '=>', a.split('\r\n')[0], a.slice(-60).replace(/\s+/g, ' '), /access-control/i.test(a) ? 'CORS' : '');
  }
  for (const h of ['', 'Host: \r\n', 'Host: a b\r\n', 'Host: evil/../x\r\n', 'Host: 127.0.0.1/admin/v1/openapi.json#\r\n', 'Host: 127.0.0.1/admin/v1/openapi.json?\r\n', 'Host: x@127.0.0.1\r\n']) {
    const a = await raw(port, `GET /admin/v1/clients HTTP/1.${h === '' ? 0 : 1}\r\n${h}Connection: close\r\n\r\n`);
    console.log(JSON.stringify(h), a.split('\r\n')[0], a.slice(-120).replace(/\s+/g, ' '));
  }
  // with token
  for (const t of ['/admin/v1/clients/%00', '/admin/v1/clients/%ff', '/admin/v1/clients/a%2Fb', '/admin/v1/clients/', '//admin/v1/clients', '/admin/v1/./clients', '/admin/v1/clients?limit=1&limit=2', '/admin/v1/clients?clientId=a', '/admin/v1/clients?__proto__=1','/admin/v1/clients?after=%00', '/admin/v1/clients?search=%00', '/admin/v1/clients?owner=%00', '/admin/v1/clients?resource=%00', '/admin/v1/audit?cursor=x', '/admin/v1/audit?cursor=99999999999999999999', '/admin/v1/audit?actor=%00', '/admin/v1/audit?type=%00','/admin/v1/audit?from=0001-01-01T00:00:00Z','/admin/v1/audit?from=2026-02-30T00:00:00Z', '/admin/v1/audit/export?actor=%00', '/admin/v1/usage?clientId=%00', '/admin/v1/usage?cursor=%00','/admin/v1/usage?cursor=abc', '/admin/v1/resources/AA', '/admin/v1/resources/%00', '/admin/v1/resources/' + Buffer.from('https://a.b/\0').toString('base64url'), '/admin/v1/resources/' + Buffer.from('javascript:1').toString('base64url'), '/admin/v1/trust/issuers/%00', '/admin/v1/trust/rules/%00', '/admin/v1/trust/rules?issuerId=%00', '/admin/v1/trust/rules?clientId=%00', '/admin/v1/clients/victim/secrets', '/admin/v1/clients/victim/rotation', '/admin/v1/clients/none/secrets','/admin/v1/clients/%00/secrets','/admin/v1/clients/%00/rotation','/admin/v1/clients/%00/keys', '/admin/v1/resources?after=%00', '/admin/v1/clients/' + 'a'.repeat(3000), '/admin/v1/resources/' + 'a'.repeat(2000)]) {
    const a = await raw(port, `GET ${t} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${scene.token}\r\nConnection: close\r\n\r\n`);
    console.log('AUTH', t.slice(0, 80), '=>', a.split('\r\n')[0], a.slice(a.indexOf('\r\n\r\n')).slice(0, 200).replace(/\s+/g, ' '));
  }
  console.log(scene.events.filter((e) => e.type === 'server_failed'));
}, 120000);

it('bodies', async () => {
  const scene = await startAdmin();
  const { call } = scene;
  const json = async (method: string, path: string, body: unknown, headers: Record<string, string> = {}) => {
    const r = await fetch(`${scene.issuer}/admin/v1${path}`, { method, headers: { authorization: `Bearer ${scene.token}`, 'content-type': 'application/json', ...headers }, body: typeof body === 'string' ? body : JSON.stringify(body) });
    const t = await r.text();
    console.log(method, path.slice(0, 70), JSON.stringify(body).slice(0, 120), JSON.stringify(headers).slice(0, 80), '=>', r.status, t.slice(0, 260));
    return { status: r.status, text: t, body: t.startsWith('{') ? JSON.parse(t) : undefined };
  };
  await json('POST', '/clients', { clientId: 'sec', authentication: { method: 'secret' }, access: [{ resource: MCP, scopes: ['deploy:read'] }] });
  await json('POST', '/clients/sec/secrets', { expiresAt: '2020-01-01T00:00:00Z' }, { 'content-type': 'text/plain' });
  await json('POST', '/clients/sec/secrets', { expiresAt: '2020-01-01T00:00:00Z' });
  await json('PATCH', '/clients/sec', { label: 'x' }, { 'content-type': 'application/x-www-form-urlencoded' });
  await json('PATCH', '/clients/sec', '');
  await json('PATCH', '/clients/sec', 'null');
  await json('PATCH', '/clients/sec', '[]');
  await json('PATCH', '/clients/sec', '{"__proto__":{"label":"x"}}');
  await json('PATCH', '/clients/sec', '{"constructor":{"prototype":{"label":"x"}}}');
  await json('PATCH', '/clients/sec', '{"label":"a\\u0000b"}');
  await json('PATCH', '/clients/sec', '{"label":"a\\ud800b"}');
  await json('PATCH', '/clients/sec', '{"label":"one","label":"two"}');
  await json('PATCH', '/clients/sec', '{"expiresAt":"+275760-09-13T00:00:00.000Z"}');
  await json('PATCH', '/clients/sec', '{"expiresAt":"9999-12-31T23:59:59.999Z"}');
  await json('PATCH', '/clients/sec', '{"tokenLifetimeSeconds":1e400}');
  await json('PATCH', '/clients/sec', `{"access":${'['.repeat(200000)}${']'.repeat(200000)}}`);
  const deep = `${'{"a":'.repeat(100000)}1${'}'.repeat(100000)}`;
  await json('POST', '/clients/sec/keys', `{"publicKey":{"kty":"EC","x":${deep}}}`);
  await json('POST', '/clients', { clientId: 'pk', authentication: { method: 'private_key_jwt', publicKey: { kty: 'oct', k: 'AAAA' } }, access: [{ resource: MCP, scopes: [] }] });
  await json('POST', '/clients', { clientId: 'pk', authentication: { method: 'private_key_jwt', publicKey: { kty: 'EC' } }, access: [{ resource: MCP, scopes: [] }] });
  await json('POST', '/clients', { clientId: 'pk', authentication: { method: 'private_key_jwt', publicKey: 'garbage' }, access: [{ resource: MCP, scopes: [] }] });
  await json('POST', '/clients', { clientId: 'pk', authentication: { method: 'private_key_jwt', publicKey: '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----' }, access: [{ resource: MCP, scopes: [] }] });
  await json('POST', '/trust/issuers', { issuer: 'https://idp.example.com', kind: 'workload', jwks: { keys: [] } });
  await json('POST', '/trust/issuers', { issuer: 'https://idp.example.com', kind: 'workload', jwks: { keys: [{ kty: 'RSA', d: 'x' }] } });
  await json('POST', '/trust/issuers', { issuer: 'https://idp.example.com', kind: 'workload', label: 'a\u0000b' });
  await json('POST', '/trust/issuers', { issuer: 'https://idp2.example.com/\u0000', kind: 'workload', jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'a', y: 'b' }] } });
  await json('POST', '/trust/issuers', { issuer: scene.issuer, kind: 'workload' });
  const iss = await json('POST', '/trust/issuers', `{"issuer":"https://idp5.example.com","kind":"workload","jwks":{"keys":[{"kty":"EC","crv":"P-256","x":${deep}}]}}`);
  await json('POST', '/trust/issuers', { issuer: 'https://169.254.169.254/', kind: 'workload' });
  await json('POST', '/trust/rules', { issuerId: '\u0000', clientId: 'sec', conditions: [{ claim: 'sub', equals: 'x' }] });
  const i3 = await json('POST', '/trust/issuers', { issuer: 'https://idp3.example.com', kind: 'workload' });
  await json('POST', '/trust/rules', { issuerId: i3.body.id, clientId: '\u0000', conditions: [{ claim: 'sub', equals: 'x' }] });
  await json('POST', '/trust/rules', { issuerId: i3.body.id, clientId: 'sec', label: 'a\u0000', audience: 'b\u0000', conditions: [{ claim: 'sub', equals: 'x\u0000' }] });
  await json('POST', '/trust/rules', `{"issuerId":"${i3.body.id}","clientId":"sec","conditions":[{"claim":["__proto__","x"],"equals":"x"}]}`);
  await json('POST', '/trust/rules', `{"issuerId":"${i3.body.id}","clientId":"sec","conditions":[{"claim":"sub","matches":"${'*a'.repeat(1000)}"}]}`);
  await json('POST', '/trust/templates/__proto__', { values: {} });
  await json('POST', '/trust/templates/kubernetes', '{"values":{"__proto__":"x","constructor":"y"}}');
  await json('POST', '/trust/dry-run', { token: 'x' });
  await json('POST', '/trust/dry-run', { token: 'x.y.z' });
  await json('POST', '/trust/dry-run', { token: scene.token });
  await json('POST', '/trust/dry-run', { token: '\u0000'.repeat(100) });
  await json('POST', '/tokens/revoke', { tokenId: '\u0000' });
  await json('POST', '/tokens/revoke', { token: 'x' });
  await json('POST', '/tokens/revoke', { tokenId: `${'A'.repeat(20)}.999999999.1` });
  await json('POST', '/tokens/revoke', { tokenId: `${'A'.repeat(20)}.1.9999999` });
  await json('POST', '/signing-keys/rotate', {}, { 'content-type': 'text/plain' });
  await json('POST', '/signing-keys/%00/retire', '');
  await json('POST', '/resources', { resource: `${scene.issuer}/admin`, scopes: ['admin:write'] });
  await json('POST', '/resources', { resource: `${scene.issuer}/admin/`, scopes: ['admin:write'] });
  await json('POST', '/resources', { resource: `${scene.issuer}/Admin`, scopes: ['admin:write'] });
  await json('POST', '/resources', { resource: `${scene.issuer}/admin/v1`, scopes: ['admin:write'] });
  await json('POST', '/resources', { resource: `${scene.issuer}/%61dmin`, scopes: ['admin:write'] });
  await json('POST', '/resources', { resource: `${scene.issuer}/x/../admin`, scopes: ['admin:write'] });
  await json('POST', '/resources', { resource: `${scene.issuer}`, scopes: ['admin:write'] });
  await json('POST', '/resources', { resource: `${scene.issuer}/admin?`, scopes: ['admin:write'] });
  await json('POST', '/resources', { resource: `https://t.example.com/mcp`, scopes: ['a'], tools: Array.from({ length: 1500 }, (_, i) => ({ name: `t${i}`, scopes: ['a'] })) });
  await json('POST', '/resources', { resource: `https://u.example.com/mcp`, scopes: ['a'], tools: [{ name: 'n'.repeat(150), scopes: ['a'] }] });
  await json('POST', '/resources', `{"resource":"https://v.example.com/mcp","scopes":["a"],"tools":[{"name":"__proto__","scopes":["a"]}]}`);
  await json('POST', '/clients', '{"clientId":"big"', { 'idempotency-key': 'x' });
  await json('POST', '/clients', 'not json', { 'idempotency-key': 'x y z' });
  await json('POST', '/clients', 'not json', { 'idempotency-key': 'ä' });
  await json('PATCH', '/clients/sec', { label: 'z' }, { 'if-match': 'W/"abc"' });
  await json('PATCH', '/clients/sec', { label: 'z' }, { 'if-match': '"a", "b"' });
  await json('PATCH', '/clients/sec', { label: 'z' }, { 'if-match': '' });
  await json('PATCH', '/clients/sec', { label: 'z' }, { 'if-match': '*' });
  await json('PATCH', '/clients/sec', { label: 'z', ifRevision: 'x' });
  await json('DELETE', '/resources/' + Buffer.from(MCP).toString('base64url') + '?removeAccess=true&removeAccess=true', '');
  await json('PATCH', '/clients/administrator-1', { access: [{ resource: MCP, scopes: [] }] });
  console.log((await call('GET', '/clients')).status);
  await json('POST', '/clients/administrator-1/disable', '');
  console.log((await call('GET', '/clients')).status);
  console.log(scene.events.filter((e) => e.type === 'server_failed'));
}, 120000);
