import { connect } from 'node:net';

import express from 'express';
import { describe, expect, it } from 'vitest';

import { MCP } from '../running-server.ts';
import { startAdmin, type AdminScene } from './admin-scene.ts';

describe('paths that are written in other ways', () => {
  it('lead nowhere without a token', async () => {
    const scene = await startAdmin();
    await scene.call('POST', '/clients', {
      body: {
        clientId: 'victim',
        authentication: { method: 'workload' },
        access: [{ resource: MCP, scopes: [] }],
      },
    });
    for (const target of [
      '/admin/v1/clients',
      '//admin/v1/clients',
      '/admin/v1//clients',
      '/admin/v1/clients/',
      '/ADMIN/v1/clients',
      '/admin/v1/%63lients',
      '/admin/v1/./clients',
      '/admin/v1/%2e%2e/v1/clients',
      '/admin/v1/..%2fclients',
      '/admin/v1/clients?/admin/v1/openapi.json',
      '/admin/v1/clients#/admin/v1/openapi.json',
      '/admin/v1/clients;/admin/v1/openapi.json',
      '/admin/v1/clients%3f/admin/v1/openapi.json',
      '/admin/v1/clients/victim/admin/v1/openapi.json',
      '/admin/v1/clients/victim%2Fadmin%2Fv1%2Fopenapi.json',
      '/admin/v1/openapi.json/../clients',
      '/admin/v1/openapi.json/%2e%2e/clients',
      '/admin/v1/clients\\admin\\v1\\openapi.json',
      `${scene.origin}/admin/v1/clients`,
      'http://elsewhere.example/admin/v1/openapi.json/../clients',
    ]) {
      for (const method of ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
        const answer = await sendRaw(scene, `${method} ${target} HTTP/1.1\r\nHost: localhost`);
        expect(answer, `${method} ${target}`).toMatch(/^HTTP\/1\.1 40[014] /);
        expect(answer, `${method} ${target}`).not.toContain('workload');
      }
    }
    expect((await scene.server.clients.list()).clients.map(({ clientId }) => clientId)).toContain('victim');
  });

  it('a Host header does not move a request to the open document', async () => {
    const scene = await startAdmin();
    for (const host of ['localhost/admin/v1/openapi.json?', 'localhost/admin/v1/openapi.json#', 'a@b', '']) {
      expect(await sendRaw(scene, `GET /admin/v1/clients HTTP/1.1\r\nHost: ${host}`)).toMatch(
        /^HTTP\/1\.1 40[01] /,
      );
    }
  });
});

describe('texts that a database cannot hold', () => {
  it('are 400 or 404, on either database, and no failure of the server', async () => {
    const { call, events } = await startAdmin();
    for (const path of [
      '/clients/%00',
      '/clients/%00/secrets',
      '/clients/%00/keys',
      '/clients?search=%00',
      '/resources/AA',
      '/trust/issuers/%00',
      '/trust/rules/%00',
      '/trust/rules?issuerId=%00',
      '/trust/rules?clientId=%00',
      '/audit?actor=%00',
      '/audit?type=%00&type=client_created',
      '/audit/export?address=%00',
      '/usage?clientId=%00',
      '/usage?resource=%00',
    ]) {
      expect([400, 404], path).toContain((await call('GET', path)).status);
    }
    const issuer = { issuer: 'https://idp.example.com', kind: 'workload' };
    const { body } = await call('POST', '/trust/issuers', { body: issuer });
    const conditions = [{ claim: 'sub', equals: 'x' }];
    const rule = { issuerId: body.id, clientId: 'administrator-1', conditions };
    for (const [path, wrong] of [
      ['/trust/issuers', { ...issuer, issuer: 'https://other.example.com', label: 'a\0b' }],
      ['/trust/issuers', { ...issuer, issuer: 'https://other.example.com/\0' }],
      ['/trust/rules', { ...rule, issuerId: '\0' }],
      ['/trust/rules', { ...rule, clientId: '\0' }],
      ['/trust/rules', { ...rule, label: 'two\nlines' }],
      ['/trust/rules', { ...rule, audience: 'a\0' }],
      ['/trust/rules', { ...rule, conditions: [{ claim: 'sub', equals: 'x\ud800' }] }],
      ['/tokens/revoke', { tokenId: '\0' }],
      ['/resources', { resource: 'https://a.example.com/mcp', scopes: [], label: '\0' }],
    ] as const) {
      const answer = await call('POST', path, { body: wrong });
      expect(answer.status, `${path} ${JSON.stringify(wrong)}`).toBe(400);
    }
    expect(events.filter(({ type }) => type === 'server_failed')).toEqual([]);
  });
});

describe('bodies that are not what they seem', () => {
  it('one that nests deeply is 400, wherever it is', async () => {
    const { call, events } = await startAdmin();
    const deep = '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000);
    for (const body of [
      `{"issuer":"https://idp.example.com","kind":"workload","jwks":{"keys":[{"kty":"EC","x":${deep}}]}}`,
      '['.repeat(500_000),
    ]) {
      expect((await call('POST', '/trust/issuers', { body })).status).toBe(400);
    }
    expect(events.filter(({ type }) => type === 'server_failed')).toEqual([]);
  });

  it('brackets within a text are no nesting', async () => {
    const { call } = await startAdmin();
    const description = '[{"\\"['.repeat(200);
    const body = {
      clientId: 'brackets',
      authentication: { method: 'workload' },
      access: [{ resource: MCP, scopes: [] }],
      description,
    };
    expect((await call('POST', '/clients', { body })).body.description).toBe(description);
  });

  it('members like __proto__ and constructor are refused, and change nothing', async () => {
    const { call } = await startAdmin();
    for (const body of [
      '{"__proto__":{"label":"x"}}',
      '{"constructor":{"prototype":{"label":"x"}}}',
      'null',
      '[]',
      '""',
      '',
    ]) {
      expect((await call('PATCH', '/clients/administrator-1', { body })).status, body).toBe(400);
    }
    expect((await call('GET', '/clients/administrator-1')).body.label).toBeUndefined();
    expect(({} as { label?: unknown }).label).toBeUndefined();
  });

  it('JSON under another name is 415: it is not taken for an empty request', async () => {
    const { call, issuer, token } = await startAdmin();
    const before = (await call('GET', '/signing-keys')).body;
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', undefined]) {
      const response = await fetch(`${issuer}/admin/v1/signing-keys/rotate`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          ...(type === undefined ? {} : { 'content-type': type }),
        },
        body: new TextEncoder().encode('{"algorithm":"RS256"}'),
      });
      expect([400, 415], type).toContain(response.status);
    }
    expect((await call('GET', '/signing-keys')).body).toEqual(before);
  });

  it('one that a body parser has taken is 500, and says what to mount where', async () => {
    const { call, events } = await startAdmin({
      mount: ({ handler }) =>
        express().use(express.json(), (request, response) => handler(request, response)),
    });
    const body = { authentication: { method: 'workload' }, access: [{ resource: MCP, scopes: [] }] };
    const answer = await call('POST', '/clients', { body });
    expect(answer).toMatchObject({ status: 500, body: { code: 'body_read_before' } });
    expect(answer.body.detail).toContain('mounted before the parser');
    expect(events.filter(({ type }) => type === 'server_failed')).toHaveLength(1);
    expect((await call('GET', '/clients')).status).toBe(200);
  });

  it('one without a Content-Length is 411', async () => {
    const scene = await startAdmin();
    const head = `POST /admin/v1/clients HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${scene.token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked`;
    expect(await sendRaw(scene, head, '2\r\n{}\r\n0\r\n\r\n')).toMatch(/^HTTP\/1\.1 411 /);
  });
});

/** Sends a request as it is written, and returns the answer. */
async function sendRaw({ origin }: AdminScene, head: string, body = ''): Promise<string> {
  return await new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (answer += text));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    socket.write(`${head}\r\nConnection: close\r\n\r\n${body}`);
  });
}
