import { generateKeyPairSync } from 'node:crypto';

import { expect, it } from 'vitest';

import { basic, GRANT, MCP, requestToken } from '../running-server.ts';
import { startAdmin } from './admin-scene.ts';

const ACCESS = [{ resource: MCP, scopes: ['deploy:read'] }];

function publicJwk(): object {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
}

it('every act of an administrator is in the audit trail, with who did it and from where', async () => {
  const scene = await startAdmin();
  const acts: [method: string, path: string, type: string][] = [];
  async function act(type: string, method: string, path: string, body?: object) {
    const answer = await scene.call(method, path, body === undefined ? {} : { body });
    expect(answer.status, `${method} ${path}: ${answer.text}`).toBeLessThan(300);
    acts.push([method, path, type]);
    return answer.body;
  }
  const endsAt = new Date(Date.now() + 86_400_000).toISOString();

  const { secret } = await act('client_created', 'POST', '/clients', {
    clientId: 'one',
    authentication: { method: 'secret' },
    access: ACCESS,
  });
  const issued = await requestToken(scene, GRANT, basic('one', secret));
  await act('token_revoked', 'POST', '/tokens/revoke', { token: issued.body['access_token'] });
  await act('client_updated', 'PATCH', '/clients/one', { label: 'One' });
  await act('client_disabled', 'POST', '/clients/one/disable');
  await act('client_enabled', 'POST', '/clients/one/enable');
  const added = await act('client_secret_created', 'POST', '/clients/one/secrets', {});
  await act('client_secret_deleted', 'DELETE', `/clients/one/secrets/${added.id}`);
  await act('client_rotation_started', 'POST', '/clients/one/rotation', { endsAt });
  await act('client_rotation_cancelled', 'POST', '/clients/one/rotation/cancel');
  await act('client_rotation_started', 'POST', '/clients/one/rotation', { endsAt });
  await act('client_rotation_finished', 'POST', '/clients/one/rotation/finish');
  await act('client_created', 'POST', '/clients', {
    clientId: 'two',
    authentication: { method: 'private_key_jwt', publicKey: publicJwk() },
    access: ACCESS,
  });
  const key = await act('client_key_added', 'POST', '/clients/two/keys', { publicKey: publicJwk() });
  await act('client_key_updated', 'PATCH', `/clients/two/keys/${key.id}`, { expiresAt: endsAt });
  await act('client_key_removed', 'DELETE', `/clients/two/keys/${key.id}`);
  const resource = await act('resource_created', 'POST', '/resources', {
    resource: 'https://new.example.com/mcp',
    scopes: [],
  });
  await act('resource_updated', 'PATCH', `/resources/${resource.id}`, { label: 'New' });
  await act('resource_deleted', 'DELETE', `/resources/${resource.id}`);
  const issuer = await act('trusted_issuer_created', 'POST', '/trust/issuers', {
    issuer: 'https://idp.example.com',
    kind: 'workload',
  });
  await act('trusted_issuer_updated', 'PATCH', `/trust/issuers/${issuer.id}`, { label: 'Our own' });
  const rule = await act('trust_rule_created', 'POST', '/trust/rules', {
    issuerId: issuer.id,
    clientId: 'two',
    conditions: [{ claim: 'sub', equals: 'x' }],
  });
  await act('trust_rule_updated', 'PATCH', `/trust/rules/${rule.id}`, { label: 'X' });
  await act('trust_rule_deleted', 'DELETE', `/trust/rules/${rule.id}`);
  await act('trusted_issuer_deleted', 'DELETE', `/trust/issuers/${issuer.id}`);
  await act('client_deleted', 'DELETE', '/clients/two');
  await act('signing_key_created', 'POST', '/signing-keys/rotate', { algorithm: 'EdDSA' });
  const { keys } = (await scene.call('GET', '/signing-keys')).body;
  const next = keys.find(({ state }: { state: string }) => state === 'next');
  await act('signing_key_retired', 'POST', `/signing-keys/${next.keyId}/retire`);

  const recorded: string[] = [];
  for await (const line of scene.server.audit.export({ actor: 'administrator-1' })) {
    const entry = JSON.parse(line) as { type: string; address?: string };
    if (entry.type === 'token_issued') continue;
    expect(entry.address, line).toBe('127.0.0.1');
    recorded.push(entry.type);
  }
  for (const type of new Set(acts.map(([, , one]) => one))) {
    const done = acts.filter(([, , one]) => one === type).length;
    expect(recorded.filter((one) => one === type).length, type).toBeGreaterThanOrEqual(done);
  }
  // What the document describes as changing something was all done above.
  const undone = (await readChangingOperations(scene.issuer)).filter(
    ([method, template]) => !acts.some(([done, path]) => done === method && matches(template, path)),
  );
  expect(undone).toEqual([
    ['POST', '/trust/templates/{name}'],
    ['POST', '/trust/dry-run'],
  ]);
});

function matches(template: string, path: string): boolean {
  return new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(path);
}

async function readChangingOperations(issuer: string) {
  const { paths } = (await (await fetch(`${issuer}/admin/v1/openapi.json`)).json()) as {
    paths: Record<string, Record<string, object>>;
  };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter((method) => method !== 'get')
      .map((method) => [method.toUpperCase(), path.replace(/^\/admin\/v1/, '')] as const),
  );
}
