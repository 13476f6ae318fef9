import { createTestAuthority } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';

import { GRANT, MCP, basic, registerWithSecret, requestToken } from '../running-server.ts';
import { startAdmin } from './admin-scene.ts';

describe('resources by the administrative API', () => {
  it('are registered, changed and deleted beside the configured ones', async () => {
    const { call } = await startAdmin();
    const resource = 'https://new.example.com/mcp';
    const created = await call('POST', '/resources', { body: { resource, scopes: ['new:read'] } });
    expect(created.status).toBe(201);
    const path = `/resources/${created.body.id}`;
    const tools = [{ name: 'list', scopes: ['new:read'] }];
    expect((await call('PATCH', path, { body: { label: 'New', tools } })).body).toMatchObject({
      label: 'New',
      tools,
    });
    expect((await call('GET', path)).body).toMatchObject({ resource, source: 'administrator' });
    const all = await call('GET', '/resources');
    expect(all.body.resources.map((one: { resource: string }) => one.resource)).toContain(MCP);
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
  });

  it('a configured one is changed where it is configured', async () => {
    const { call } = await startAdmin();
    const id = Buffer.from(MCP).toString('base64url');
    expect((await call('PATCH', `/resources/${id}`, { body: { label: 'x' } })).body.code).toBe(
      'resource_configured',
    );
  });
});

describe('trust by the administrative API', () => {
  it('an issuer and a rule are created from a template, and a pasted token is tried', async () => {
    await using authority = await createTestAuthority();
    const scene = await startAdmin();
    const { call } = scene;
    await call('POST', '/clients', {
      body: {
        clientId: 'workload',
        authentication: { method: 'workload' },
        access: [{ resource: MCP, scopes: ['deploy:read'] }],
      },
    });
    const { templates } = (await call('GET', '/trust/templates')).body;
    expect(templates.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['github-actions', 'kubernetes', 'spiffe', 'gcp', 'azure', 'aws']),
    );
    const filled = await call('POST', '/trust/templates/kubernetes', {
      body: { values: { issuer: authority.issuer, namespace: 'ci', serviceAccount: 'deployer' } },
    });
    const issuer = await call('POST', '/trust/issuers', {
      body: { issuer: authority.issuer, kind: 'workload' },
    });
    expect(issuer.status).toBe(201);
    const rule = await call('POST', '/trust/rules', {
      body: { issuerId: issuer.body.id, clientId: 'workload', conditions: filled.body.conditions },
    });
    expect(rule.status).toBe(201);
    const subject = 'system:serviceaccount:ci:deployer';
    const token = authority.mint(
      { sub: subject, aud: scene.issuer, client_id: undefined, scope: undefined },
      { typ: 'JWT' },
    );
    const tried = await call('POST', '/trust/dry-run', { body: { token } });
    expect(tried.body, tried.text).toMatchObject({ accepted: true, clientIds: ['workload'] });
    expect(tried.text).not.toContain(token);
    const other = authority.mint(
      { sub: 'system:serviceaccount:ci:other', aud: scene.issuer },
      { typ: 'JWT' },
    );
    expect((await call('POST', '/trust/dry-run', { body: { token: other } })).body.accepted).toBe(false);
    expect((await call('DELETE', `/trust/rules/${rule.body.id}`)).status).toBe(204);
    expect((await call('DELETE', `/trust/issuers/${issuer.body.id}`)).status).toBe(204);
  });

  it('a template that is not there is 400, and names those that are', async () => {
    const { call } = await startAdmin();
    const { status, body } = await call('POST', '/trust/templates/none', { body: { values: {} } });
    expect(status).toBe(400);
    expect(body.detail).toContain('kubernetes');
  });
});

describe('the server itself by the administrative API', () => {
  it('signing keys are listed, rotated and retired', async () => {
    const { call } = await startAdmin();
    const before = await call('GET', '/signing-keys');
    expect(before.body.keys.some(({ state }: { state: string }) => state === 'current')).toBe(true);
    const rotated = await call('POST', '/signing-keys/rotate', { body: {} });
    expect(rotated.status).toBe(200);
    const current = before.body.keys.find(({ state }: { state: string }) => state === 'current');
    const retired = await call('POST', `/signing-keys/${current.keyId}/retire`);
    expect(retired.body).toMatchObject({ keyId: current.keyId });
    expect(retired.body.currentKeyId).not.toBe(current.keyId);
  });

  it('a token is revoked by its id', async () => {
    const scene = await startAdmin();
    const secret = await registerWithSecret(scene, 'holder');
    await requestToken(scene, { ...GRANT, resource: MCP }, basic('holder', secret));
    const issued = scene.events.findLast((event) => event.type === 'token_issued');
    const tokenId = issued?.type === 'token_issued' ? issued.tokenId : '';
    expect((await scene.call('POST', '/tokens/revoke', { body: { tokenId } })).body).toEqual({
      tokenId,
      clientId: 'holder',
    });
    expect((await scene.call('POST', '/tokens/revoke', { body: { tokenId: 'none' } })).body.code).toBe(
      'not_found',
    );
    expect((await scene.call('GET', '/tokens/status-list-fetches')).body).toEqual({ fetches: [] });
  });

  it('the audit trail is listed by filters, and exported as lines', async () => {
    const scene = await startAdmin();
    await requestToken(scene, GRANT, basic('nobody', 'wrong secret'));
    const refused = await scene.call('GET', '/audit?type=token_refused&reason=client_unknown');
    expect(refused.body.entries).toHaveLength(1);
    const exported = await scene.call('GET', '/audit/export?type=client_created');
    expect(exported.headers.get('content-type')).toBe('application/x-ndjson');
    expect(
      exported.text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).type),
    ).toEqual(['client_created']);
  });

  it('usage is counted per client, resource and hour', async () => {
    const scene = await startAdmin();
    const secret = await registerWithSecret(scene, 'busy');
    for (let turn = 0; turn < 3; turn++) await requestToken(scene, GRANT, basic('busy', secret));
    const { body } = await scene.call('GET', '/usage?clientId=busy');
    expect(body.hours).toMatchObject([{ clientId: 'busy', resource: MCP, issued: 3, refused: 0 }]);
  });

  it('a path that is not there is a problem, too', async () => {
    const { call } = await startAdmin();
    expect((await call('GET', '/nothing')).body).toMatchObject({ status: 404, code: 'not_found' });
  });
});

describe('the OpenAPI document', () => {
  it('describes every operation with an id, a summary and its refusals', async () => {
    const { issuer } = await startAdmin();
    const document = (await (await fetch(`${issuer}/admin/v1/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { operationId?: string; summary?: string; responses: object }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations.length).toBeGreaterThan(40);
    for (const operation of operations) {
      expect(operation.operationId).toMatch(/^[a-z][A-Za-z]+$/);
      expect(operation.summary).toBeTruthy();
    }
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });
});
