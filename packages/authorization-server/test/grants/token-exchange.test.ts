import { createDpopProof, generateDpopKey } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';

import { basic, GRANT, lastReason, MCP, OTHER_MCP, requestToken } from '../running-server.ts';
import { startServerForFile } from '../server-for-file.ts';
import {
  ACCESS_TOKEN,
  bear,
  claimsOf,
  JWT_BEARER,
  startIssuer,
  TOKEN_EXCHANGE,
  trustIssuer,
  workloadToken,
} from './scene.ts';

const running = await startServerForFile();
const idp = await startIssuer();
await trustIssuer(running, idp, 'id-jag');

const secrets = new Map<string, string>();
async function register(clientId: string, access: readonly (readonly [string, readonly string[]])[]) {
  const { secret = '' } = await running.server.clients.create({
    clientId,
    authentication: { method: 'secret' },
    access: access.map(([resource, scopes]) => ({ resource, scopes })),
    grantTypes: ['client_credentials', TOKEN_EXCHANGE, JWT_BEARER],
  });
  secrets.set(clientId, secret);
}
const credentials = (clientId: string) => basic(clientId, secrets.get(clientId) ?? '');

// The MCP server's own client: registered for the resource it serves, and for the one it calls.
await register('mcp-server', [
  [MCP, ['deploy:read', 'deploy:write']],
  [OTHER_MCP, ['other:read', 'deploy:read']],
]);
await register('report', [[MCP, ['deploy:read', 'deploy:approve']]]);
await register('unrelated', [[OTHER_MCP, ['other:read']]]);
for (const name of ['hop-1', 'hop-2', 'hop-3', 'hop-4', 'hop-5'])
  await register(name, [[MCP, ['deploy:read']]]);

async function tokenOf(
  clientId: string,
  parameters: Record<string, string> = { resource: MCP },
): Promise<string> {
  const answer = await requestToken(running, { ...GRANT, ...parameters }, credentials(clientId));
  return String(answer.body['access_token']);
}
async function tokenOfPerson(
  clientId: string,
  claims: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const assertion = workloadToken(
    idp,
    running,
    { sub: 'user-1', client_id: clientId, resource: MCP, jti: crypto.randomUUID(), ...claims },
    { typ: 'oauth-id-jag+jwt' },
  );
  return String((await bear(running, assertion, {}, credentials(clientId))).body['access_token']);
}
const exchange = async (
  clientId: string,
  subjectToken: string,
  parameters: Record<string, string> = {},
  headers: Record<string, string> = {},
) =>
  await requestToken(
    running,
    {
      grant_type: TOKEN_EXCHANGE,
      subject_token: subjectToken,
      subject_token_type: ACCESS_TOKEN,
      ...parameters,
    },
    { ...credentials(clientId), ...headers },
  );

describe('token exchange', () => {
  it('narrows a token of the client itself, for the same resource, and names nobody who acts', async () => {
    const wide = await tokenOf('mcp-server');
    const answer = await exchange('mcp-server', wide, { scope: 'deploy:read' });
    expect(answer.body).toMatchObject({
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      scope: 'deploy:read',
    });
    expect(claimsOf(answer)).toMatchObject({ sub: 'mcp-server', client_id: 'mcp-server', aud: MCP });
    expect(claimsOf(answer)).not.toHaveProperty('act');
    expect(claimsOf(answer)).not.toHaveProperty('sub_type');
    const narrow = String(answer.body['access_token']);
    const wider = await exchange('mcp-server', narrow, { scope: 'deploy:write' });
    expect([wider.status, wider.body['error']]).toEqual([400, 'invalid_scope']);
    expect((await exchange('mcp-server', narrow)).body['scope']).toBe('deploy:read');
  });

  it('lets an MCP server act for its caller at the next one, with no more than its own scopes', async () => {
    const answer = await exchange('mcp-server', await tokenOf('report'), { resource: OTHER_MCP });
    expect(claimsOf(answer)).toMatchObject({
      sub: 'report',
      // Or a resource server would take a machine for a person.
      sub_type: 'client',
      client_id: 'mcp-server',
      aud: OTHER_MCP,
      scope: 'other:read deploy:read',
      act: { sub: 'mcp-server' },
    });
    const more = await exchange('mcp-server', await tokenOf('report'), {
      resource: OTHER_MCP,
      scope: 'deploy:approve',
    });
    expect(more.body['error']).toBe('invalid_scope');
    // At the same resource the caller's own scopes bound it as well.
    const same = await exchange('mcp-server', await tokenOf('report'), { resource: MCP });
    expect(same.body['scope']).toBe('deploy:read');
  });

  it('acts for a person, who stays one', async () => {
    const answer = await exchange('mcp-server', await tokenOfPerson('report', { acr: 'mfa' }), {
      audience: OTHER_MCP,
    });
    expect(claimsOf(answer)).toMatchObject({
      sub: `${idp.issuer}|user-1`,
      client_id: 'mcp-server',
      aud: OTHER_MCP,
      acr: 'mfa',
      act: { sub: 'mcp-server' },
    });
    expect(claimsOf(answer)).not.toHaveProperty('sub_type');
  });

  it('nests who acts for whom, the current one outermost, up to four', async () => {
    let token = await tokenOfPerson('report');
    for (const name of ['hop-1', 'hop-2', 'hop-3', 'hop-4'])
      token = String((await exchange(name, token)).body['access_token']);
    expect(claimsOf({ body: { access_token: token } } as never)['act']).toEqual({
      sub: 'hop-4',
      act: { sub: 'hop-3', act: { sub: 'hop-2', act: { sub: 'hop-1' } } },
    });
    const fifth = await exchange('hop-5', token);
    expect([fifth.body['error'], lastReason(running)]).toEqual(['invalid_request', 'delegation_too_deep']);
    // Narrowing what one holds adds nobody.
    expect((await exchange('hop-4', token)).status).toBe(200);
  });

  it('takes the actor from an actor_token of the client itself, and of nobody else', async () => {
    const subject = await tokenOf('report');
    const asActor = async (actorToken: string) =>
      await exchange('mcp-server', subject, {
        resource: OTHER_MCP,
        actor_token: actorToken,
        actor_token_type: ACCESS_TOKEN,
      });
    expect(claimsOf(await asActor(await tokenOf('mcp-server')))['act']).toEqual({ sub: 'mcp-server' });
    expect(claimsOf(await asActor(await tokenOfPerson('mcp-server')))['act']).toEqual({
      sub: `${idp.issuer}|user-1`,
    });
    for (const foreign of [await tokenOf('hop-1'), 'nonsense', await tokenOfPerson('report')]) {
      expect((await asActor(foreign)).body['error']).toBe('invalid_request');
      expect(lastReason(running)).toBe('actor_token_invalid');
    }
  });

  it('respects may_act', async () => {
    const forMcp = await tokenOfPerson('report', { may_act: { sub: 'mcp-server' } });
    expect(claimsOf(await exchange('mcp-server', forMcp))['may_act']).toEqual({ sub: 'mcp-server' });
    for (const may_act of [
      { sub: 'hop-1' },
      {},
      { sub: 'mcp-server', iss: 'https://evil.example.com' },
      { sub: 'mcp-server', more: 1 },
    ]) {
      const answer = await exchange('mcp-server', await tokenOfPerson('report', { may_act }));
      expect([answer.body['error'], lastReason(running)]).toEqual([
        'invalid_request',
        'delegation_not_allowed',
      ]);
    }
    // The client the token was issued to acts no more than it did.
    expect(
      (await exchange('report', await tokenOfPerson('report', { may_act: { sub: 'hop-1' } }))).status,
    ).toBe(200);
  });

  it('does not outlive the token it was exchanged for', async () => {
    await running.server.clients.update('report', { tokenLifetimeSeconds: 60 });
    const subject = await tokenOf('report');
    const answer = await exchange('mcp-server', subject, { resource: OTHER_MCP });
    const { exp } = claimsOf({ body: { access_token: subject } } as never);
    expect(Number(claimsOf(answer)['exp'])).toBeLessThanOrEqual(Number(exp));
    expect(Number(answer.body['expires_in'])).toBeLessThanOrEqual(60);
    await running.server.clients.update('report', { tokenLifetimeSeconds: null });
  });

  it('binds the new token to the key of whoever asks', async () => {
    const key = await generateDpopKey();
    const DPoP = createDpopProof({ key, method: 'POST', url: `${running.issuer}/token` });
    const answer = await exchange('mcp-server', await tokenOf('report'), { resource: OTHER_MCP }, { DPoP });
    expect([answer.body['token_type'], claimsOf(answer)['cnf']]).toEqual(['DPoP', { jkt: key.thumbprint }]);
  });

  it('refuses tokens that are not its own, not whole, or not for a resource of the client', async () => {
    const own = await tokenOf('report');
    const foreign = workloadToken(idp, running, { client_id: 'report', jti: 'x' }, { typ: 'at+jwt' });
    const [head, payload, signature] = own.split('.');
    for (const token of [
      'nonsense',
      foreign,
      `${head}.${payload}.${signature?.split('').toReversed().join('')}`,
      `${head}.${payload}.`,
      await tokenOf('unrelated', { resource: OTHER_MCP }).then((text) => text.slice(0, -2)),
    ]) {
      const answer = await exchange('mcp-server', token);
      expect([answer.status, answer.body['error'], lastReason(running)]).toEqual([
        400,
        'invalid_request',
        'subject_token_invalid',
      ]);
    }
    const stolen = await exchange('unrelated', own);
    expect([stolen.body['error'], lastReason(running)]).toEqual(['invalid_request', 'subject_token_invalid']);
    expect(stolen.text).not.toContain(MCP);
  });

  it('refuses tokens that were revoked, and those of a client that is disabled', async () => {
    const revoked = await tokenOf('report');
    await running.server.tokens.revoke({ token: revoked });
    expect((await exchange('mcp-server', revoked)).body['error']).toBe('invalid_request');
    expect(lastReason(running)).toBe('subject_token_revoked');
    const held = await tokenOf('hop-1');
    await running.server.clients.disable('hop-1');
    expect((await exchange('mcp-server', held)).body['error']).toBe('invalid_request');
    expect(lastReason(running)).toBe('subject_token_revoked');
    await running.server.clients.enable('hop-1');
  });

  it.each<[string, Record<string, string>]>([
    ['another kind of subject token', { subject_token_type: 'urn:ietf:params:oauth:token-type:id_token' }],
    ['no kind of subject token', { subject_token_type: '' }],
    [
      'another kind of token in return',
      { requested_token_type: 'urn:ietf:params:oauth:token-type:refresh_token' },
    ],
    ['an actor token of no kind', { actor_token: 'x' }],
    ['the kind of an actor token alone', { actor_token_type: ACCESS_TOKEN }],
    ['no subject token', { subject_token: '' }],
  ])('with %s is refused in words', async (_name, parameters) => {
    const answer = await exchange('mcp-server', await tokenOf('report'), parameters);
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_request']);
    expect(String(answer.body['error_description'])).toMatch(/_token/);
  });

  it('refuses resources that the client may not use, and a client that is not registered for it', async () => {
    const answer = await exchange('mcp-server', await tokenOf('report'), {
      resource: 'https://evil.example.com',
    });
    expect(answer.body['error']).toBe('invalid_target');
    await running.server.clients.update('hop-2', { grantTypes: ['client_credentials'] });
    expect((await exchange('hop-2', await tokenOf('report'))).body['error']).toBe('unauthorized_client');
    expect(lastReason(running)).toBe('grant_type_not_registered');
  });
});
