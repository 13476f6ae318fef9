import { createDpopProof, createSigningKey, generateDpopKey } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';

import { basic, lastReason, MCP, OTHER_MCP } from '../running-server.ts';
import { startServerForFile } from '../server-for-file.ts';
import {
  bear,
  claimsOf,
  JWT_BEARER,
  registerWorkload,
  startIssuer,
  trustIssuer,
  workloadToken,
} from './scene.ts';

const running = await startServerForFile();
const idp = await startIssuer();
await trustIssuer(running, idp, 'id-jag');
const { secret = '' } = await running.server.clients.create({
  clientId: 'agent',
  authentication: { method: 'secret' },
  access: [
    { resource: MCP, scopes: ['deploy:read', 'deploy:write'] },
    { resource: OTHER_MCP, scopes: ['other:read'] },
  ],
  grantTypes: [JWT_BEARER],
});

const jag = (
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
) =>
  workloadToken(
    idp,
    running,
    { sub: 'user-1', client_id: 'agent', resource: MCP, jti: crypto.randomUUID(), ...claims },
    { typ: 'oauth-id-jag+jwt', ...header },
  );
const present = async (assertion: string, parameters: Record<string, string> = {}, headers = {}) =>
  await bear(running, assertion, parameters, { ...basic('agent', secret), ...headers });

describe('an ID-JAG', () => {
  it('gets a token for the person it names, whom no client and nobody of another issuer can be taken for', async () => {
    const answer = await present(jag({ auth_time: 1000, acr: 'mfa', amr: ['otp'], email: 'a@example.com' }));
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty('refresh_token');
    const claims = claimsOf(answer);
    expect(claims).toMatchObject({
      iss: running.issuer,
      aud: MCP,
      sub: `${idp.issuer}|user-1`,
      client_id: 'agent',
      scope: 'deploy:read deploy:write',
      auth_time: 1000,
      acr: 'mfa',
      amr: ['otp'],
    });
    expect(claims).not.toHaveProperty('email');
    expect(claims).not.toHaveProperty('act');
    // AS12: a person whose name at the identity provider is the id of a client.
    expect(claimsOf(await present(jag({ sub: 'agent' })))['sub']).toBe(`${idp.issuer}|agent`);
  });

  it('can be presented again to renew the token, which is why there is no refresh token', async () => {
    const again = jag();
    expect((await present(again)).status).toBe(200);
    expect((await present(again)).status).toBe(200);
  });

  it('bounds the scopes and the resources, as the client does', async () => {
    expect((await present(jag({ scope: 'deploy:read other:unknown' }))).body['scope']).toBe('deploy:read');
    expect((await present(jag({ scope: 'deploy:read' }), { scope: 'deploy:write' })).body['error']).toBe(
      'invalid_scope',
    );
    expect((await present(jag({ scope: 'something:else' }))).body['error']).toBe('invalid_scope');
    expect((await present(jag(), { scope: 'deploy:approve' })).body['error']).toBe('invalid_scope');
    const foreign = await present(jag(), { resource: OTHER_MCP });
    expect([foreign.body['error'], lastReason(running)]).toEqual(['invalid_target', 'resource_not_allowed']);
    expect(String(foreign.body['error_description'])).toContain(MCP);
    const both = jag({ resource: [MCP, OTHER_MCP] });
    expect((await present(both)).body['error']).toBe('invalid_target');
    expect(claimsOf(await present(both, { resource: OTHER_MCP }))['aud']).toBe(OTHER_MCP);
    expect((await present(jag({ resource: 'https://elsewhere.example.com' }))).body['error']).toBe(
      'invalid_target',
    );
    expect((await present(jag({ resource: undefined }), { resource: MCP })).status).toBe(200);
  });

  it.each([
    ['AS18: for another client', { client_id: 'somebody' }, {}, 'assertion_of_another_client'],
    ['AS18: for no client', { client_id: undefined }, {}, 'assertion_claim_missing'],
    ['AS18: of another type', {}, { typ: 'JWT' }, 'assertion_type_not_allowed'],
    ['of no type', {}, { typ: undefined }, 'assertion_type_not_allowed'],
    ['for another audience', { aud: 'https://evil.example.com' }, {}, 'assertion_audience_not_issuer'],
    ['for two audiences', { aud: ['x', 'https://evil.example.com'] }, {}, 'assertion_audience_not_issuer'],
    ['without a subject', { sub: undefined }, {}, 'assertion_claim_missing'],
    ['without an id', { jti: undefined }, {}, 'assertion_claim_missing'],
    ['without a time of issue', { iat: undefined }, {}, 'assertion_claim_missing'],
    ['expired', { exp: 1000 }, {}, 'assertion_expired'],
    ['of an issuer that is not trusted', { iss: 'https://evil.example.com' }, {}, 'assertion_issuer_unknown'],
    ['with a resource that is a number', { resource: 1 }, {}, 'assertion_malformed'],
    ['with a scope that is an array', { scope: ['deploy:read'] }, {}, 'assertion_malformed'],
    ['with a may_act that is a text', { may_act: 'agent' }, {}, 'assertion_malformed'],
    ['bound by a certificate', { cnf: { 'x5t#S256': 'abc' } }, {}, 'dpop_proof_missing'],
    ['bound by nothing', { cnf: {} }, {}, 'dpop_proof_missing'],
    ['bound by a text', { cnf: 'abc' }, {}, 'dpop_proof_missing'],
  ])('%s is refused', async (_name, claims, header, reason) => {
    const answer = await present(jag(claims, header));
    expect([answer.status, answer.body['error'], lastReason(running)]).toEqual([
      400,
      'invalid_grant',
      reason,
    ]);
  });

  it('AS18: needs a client that authenticates, by more than the ID-JAG', async () => {
    for (const parameters of [{}, { client_id: 'agent' }]) {
      const answer = await bear(running, jag(), parameters);
      expect([answer.status, answer.body['error']]).toEqual([401, 'invalid_client']);
      expect(String(answer.body['error_description'])).toContain('authenticate');
    }
    const wrong = await bear(running, jag(), {}, basic('agent', 'wrong'));
    expect([wrong.status, lastReason(running)]).toEqual([401, 'secret_wrong']);
  });

  it('AS18: that is bound to a key needs a proof made with that key, and binds the token to it', async () => {
    const [key, other] = [await generateDpopKey(), await generateDpopKey()];
    const bound = jag({ cnf: { jkt: key.thumbprint } });
    const proofBy = (signer: typeof key) => ({
      DPoP: createDpopProof({ key: signer, method: 'POST', url: `${running.issuer}/token` }),
    });
    expect((await present(bound)).body['error']).toBe('invalid_grant');
    expect(lastReason(running)).toBe('dpop_proof_missing');
    expect((await present(bound, {}, proofBy(other))).body['error']).toBe('invalid_grant');
    expect(lastReason(running)).toBe('dpop_proof_invalid');
    const answer = await present(bound, {}, proofBy(key));
    expect(answer.body['token_type']).toBe('DPoP');
    expect(claimsOf(answer)['cnf']).toEqual({ jkt: key.thumbprint });
  });

  it('keeps who acts already, within bounds', async () => {
    const answer = await present(jag({ act: { sub: 'assistant' } }));
    expect(claimsOf(answer)['act']).toEqual({ sub: 'assistant' });
    let act: object = { sub: 'first' };
    for (const sub of ['second', 'third', 'fourth', 'fifth']) act = { sub, act };
    expect((await present(jag({ act }))).status).toBe(400);
    expect(lastReason(running)).toBe('delegation_too_deep');
    expect((await present(jag({ act: 'text' }))).status).toBe(400);
  });

  it('of an issuer of workloads is none, and a token of a workload is none of an identity provider', async () => {
    const workloads = await startIssuer();
    await trustIssuer(running, workloads, 'workload');
    const claims = { sub: 'user-1', client_id: 'agent', jti: 'x' };
    expect(
      (await present(workloadToken(workloads, running, claims, { typ: 'oauth-id-jag+jwt' }))).status,
    ).toBe(400);
    expect(lastReason(running)).toBe('assertion_type_not_allowed');
    await registerWorkload(running, 'pod');
    expect((await bear(running, workloadToken(idp, running), { client_id: 'pod' })).status).toBe(400);
    expect(lastReason(running)).toBe('assertion_type_not_allowed');
    await expect(
      running.server.trust.rules.create({
        issuerId: await trustIssuer(running, idp),
        clientId: 'pod',
        conditions: [{ claim: 'sub', equals: 'user-1' }],
      }),
    ).rejects.toThrow('id-jag');
  });

  it('signed by somebody else is refused', async () => {
    const stranger = await createSigningKey('ES256', idp.signingKey.keyId);
    const [head = '', payload = ''] = jag().split('.');
    const forged = `${head}.${payload}.${idp.sign(`${head}.${payload}`, { key: stranger })}`;
    expect((await present(forged)).body['error']).toBe('invalid_grant');
    expect(lastReason(running)).toBe('assertion_signature_invalid');
  });
});
