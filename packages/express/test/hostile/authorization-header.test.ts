import { createTestAuthority, parseChallenges, type TestAuthority } from '@mcp-m2m/testing';
import express from 'express';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  expectRefusal,
  METADATA_URL,
  RESOURCE,
  send,
  sendRaw,
  startProtectedApp,
  toolCall,
  type ProtectedApp,
} from '../protected-app.ts';

let authority: TestAuthority;
let app: ProtectedApp;

beforeAll(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read' });
  app = await startProtectedApp({ authorizationServers: [authority.issuer], now: authority.now });
  await app.auth.preload();
});

beforeEach(() => {
  app.callers.length = 0;
  app.decisions.length = 0;
});

afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await authority.close();
});

const NO_CREDENTIALS = { status: 401, error: undefined, reason: 'credentials_missing' } as const;
const MALFORMED = { status: 400, error: 'invalid_request', reason: 'credentials_malformed' } as const;
const REPEATED = { status: 400, error: 'invalid_request', reason: 'credentials_repeated' } as const;

/** Sends raw header lines, and gives the answer in the form that the expectations take. */
async function sendLines(...lines: readonly string[]): Promise<Response> {
  const { status, head, body } = await sendRaw(app, lines);
  const headers = head
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(/: (.*)/s, 2) as [string, string]);
  return new Response(body, { status, headers });
}

describe('a request without usable credentials', () => {
  it('H1: no header is 401 without an error code', async () => {
    await expectRefusal(app, await send(app, undefined), NO_CREDENTIALS);
  });

  it.each([
    ['H1: an empty header', () => 'Authorization:'],
    ['H9: Basic', () => `Authorization: Basic ${Buffer.from('id:secret').toString('base64')}`],
    ['H9: Basic that carries a good token', () => `Authorization: Basic ${authority.mint()}`],
    ['H9: a token without a scheme', () => `Authorization: ${authority.mint()}`],
    ['H9: a scheme that begins like Bearer', () => `Authorization: Bearer2 ${authority.mint()}`],
    ['H9: a tab behind the scheme', () => `Authorization: Bearer\t${authority.mint()}`],
    [
      'H9: a good token in a parameter of another scheme',
      () => `Authorization: Digest username="a, Bearer ${authority.mint()}", realm="x"`,
    ],
    ['H9: a good token in Proxy-Authorization', () => `Proxy-Authorization: Bearer ${authority.mint()}`],
    ['H9: a good token in a cookie', () => `Cookie: authorization=Bearer ${authority.mint()}`],
  ])('%s is 401 without an error code', async (_, line) => {
    await expectRefusal(app, await sendLines(line()), NO_CREDENTIALS);
  });

  it('H10: a good token in the query is ignored', async () => {
    const url = `${app.url}?access_token=${authority.mint()}`;
    await expectRefusal({ ...app, url }, await send({ ...app, url }, undefined), NO_CREDENTIALS);
  });

  it('H10: a good token in the query neither helps nor harms one in the header', async () => {
    const url = `${app.url}?access_token=${authority.mint({ client_id: 'other', sub: 'other' })}`;
    const response = await send({ ...app, url }, `Bearer ${authority.mint()}`, toolCall('whoami'));
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('test-client');
  });

  it('H12: a good token in a form body alone is ignored', async () => {
    const body = `access_token=${authority.mint()}`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    await expectRefusal(app, await send(app, undefined, undefined, { body, headers }), NO_CREDENTIALS);
  });

  it('H12: a token in both header and form body is 400', async () => {
    const body = `access_token=${authority.mint()}`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const response = await send(app, `Bearer ${authority.mint()}`, undefined, { body, headers });
    expect(response.status).toBe(400);
    expect(app.callers).toEqual([]);
  });
});

describe('credentials that are not one token', () => {
  it.each([
    ['H6: Bearer alone', () => 'Authorization: Bearer'],
    ['H6: Bearer and a space', () => 'Authorization: Bearer '],
    ['H6: DPoP alone', () => 'Authorization: DPoP'],
    ['H7: a good token and a comma', () => `Authorization: Bearer ${authority.mint()},`],
    ['H7: a good token and a parameter', () => `Authorization: Bearer ${authority.mint()},realm="x"`],
  ])('%s is 400', async (_, line) => {
    await expectRefusal(app, await sendLines(line()), MALFORMED);
  });

  it.each([
    ['H7: two tokens', (token: string) => `${token}, Bearer other`],
    ['H7: two tokens without a space', (token: string) => `${token},Bearer other`],
    ['H7: a good token and another scheme', (token: string) => `${token} , Basic eA==`],
    ['H7: a good token behind another scheme', (token: string) => `Basic aWQ6cw==, ${token}`],
    ['H7: a good token behind a comma', (token: string) => `, ${token}`],
  ])('%s in a list are 400', async (_, list) => {
    const line = `Authorization: ${list(`Bearer ${authority.mint()}`)}`;
    await expectRefusal(app, await sendLines(line), REPEATED);
  });

  it.each([
    ['H2: the same good token twice', (token: string) => [token, token]],
    ['H2: a good token first', (token: string) => [token, 'evil']],
    ['H2: a good token last', (token: string) => ['evil', token]],
    ['H2: a good token and an empty header', (token: string) => ['', token]],
  ])('%s is 400', async (_, values) => {
    const good = `Bearer ${authority.mint()}`;
    const lines = values(good).map(
      (value, index) => `${index === 0 ? 'Authorization' : 'AUTHORIZATION'}: ${value}`,
    );
    await expectRefusal(app, await sendLines(...lines), REPEATED);
  });
});

describe('the scheme', () => {
  it.each(['bEaReR', 'bearer', 'BEARER'])('H3: %s is Bearer', async (scheme) => {
    expect((await send(app, `${scheme} ${authority.mint()}`)).status).toBe(200);
  });
});

describe('characters that no header may hold', () => {
  it.each([
    ['H14: NUL', '\0'],
    ['H14: a carriage return', '\r'],
    ['H14: a line feed', '\n'],
    ['H14: DEL', '\x7f'],
    ['H14: a folded line', '\r\n '],
    ['H14: a line folded with a tab', '\r\n\t'],
  ])('%s is 400 before any of this runs', async (_, characters) => {
    const token = authority.mint();
    const answer = await sendRaw(app, [
      `Authorization: Bearer ${token.slice(0, 40)}${characters}${token.slice(40)}`,
    ]);
    expect(answer.status).toBe(400);
    expect([app.decisions, app.callers]).toEqual([[], []]);
  });

  it('H14: a space before the colon is 400 before any of this runs', async () => {
    expect((await sendRaw(app, [`Authorization : Bearer ${authority.mint()}`])).status).toBe(400);
    expect([app.decisions, app.callers]).toEqual([[], []]);
  });
});

describe('identities that the request claims for itself', () => {
  it('H16: forwarded identity headers are ignored', async () => {
    const lines = [
      'X-Forwarded-User: admin',
      'X-Forwarded-Email: admin@example.com',
      'X-Auth-Request-User: admin',
    ];
    await expectRefusal(app, await sendLines(...lines, 'X-Forwarded-Access-Token: x'), NO_CREDENTIALS);
    await expectRefusal(
      app,
      await sendLines(`X-Forwarded-Authorization: Bearer ${authority.mint()}`),
      NO_CREDENTIALS,
    );
    const body = JSON.stringify(toolCall('whoami'));
    const served = await sendRaw(app, [`Authorization: Bearer ${authority.mint()}`, ...lines], body);
    expect(served.body).toContain('test-client');
    expect(served.body).not.toContain('admin');
  });

  it('H16: a req.auth that earlier middleware set is removed, whether or not the request passes', async () => {
    const seen: unknown[] = [];
    await using presetting = await startProtectedApp({
      authorizationServers: [authority.issuer],
      now: authority.now,
      mount: (server, auth, handler) => {
        server.use((request, response, next) => {
          request.auth = { clientId: 'admin', scopes: ['deploy:read', 'deploy:write'] } as never;
          response.on('finish', () => seen.push(request.auth));
          next();
        });
        server.all('/mcp', express.json(), auth.protect(), handler);
      },
    });
    await expectRefusal(presetting, await send(presetting, undefined), NO_CREDENTIALS);
    expect(seen).toEqual([undefined]);
    await send(presetting, `Bearer ${authority.mint()}`);
    expect(seen[1]).toMatchObject({ clientId: 'test-client', scopes: ['deploy:read'] });
  });
});

describe('text from the request in the answer', () => {
  const hostile = 'x"\r\nX-Injected: 1\r\n\r\n<script>\\';

  it.each([
    ['the key id', () => authority.mint({}, { header: { kid: hostile } })],
    ['the algorithm', () => authority.mint({}, { header: { alg: hostile } })],
    ['the type', () => authority.mint({}, { typ: hostile })],
    ['the issuer', () => authority.mint({ iss: hostile })],
    ['the audience', () => authority.mint({ aud: hostile })],
    ['the scope', () => authority.mint({ scope: hostile })],
    ['a time', () => authority.mint({ nbf: hostile })],
  ])('H18: %s cannot break out of the challenge', async (_, token) => {
    const answer = await sendRaw(app, [`Authorization: Bearer ${token()}`]);
    expect(answer.status).toBe(401);
    expect(answer.head).not.toMatch(/^x-injected/im);
    const header = /^www-authenticate: (.*)$/im.exec(answer.head)?.[1];
    expect(parseChallenges(header)).toHaveLength(1);
    expect(`${answer.head}${answer.body}`).not.toContain('<script');
    expect(app.decisions.at(-1)?.received ?? '').not.toMatch(/[\r\n]/);
  });

  it('H18: the client id and the tool in a refusal for a machine are escaped', async () => {
    const token = authority.mint({ sub: hostile, client_id: hostile });
    const answer = await sendRaw(
      app,
      [`Authorization: Bearer ${token}`],
      JSON.stringify(toolCall('approve_production')),
    );
    expect(answer.status).toBe(403);
    const challenge = { scheme: 'Bearer', parameters: { resource_metadata: METADATA_URL } };
    const header = /^www-authenticate: (.*)$/im.exec(answer.head)?.[1];
    expect(parseChallenges(header)).toEqual([challenge]);
    const { error } = JSON.parse(answer.body) as { error: { message: string } };
    expect(error.message).not.toMatch(/[\r\n]/);
  });

  it('H18: a resource with a quotation mark in it gives a challenge that can be read', async () => {
    await using quoted = await startProtectedApp({
      resource: `https://mcp.example.com/m"cp?a="b"`,
      authorizationServers: [authority.issuer],
    });
    const response = await send(quoted, undefined);
    const [challenge] = parseChallenges(response.headers.get('www-authenticate'));
    expect(challenge?.parameters.resource_metadata).toBe(
      'https://mcp.example.com/.well-known/oauth-protected-resource/m%22cp?a=%22b%22',
    );
  });
});
