import { createDpopProof, generateDpopKey, type DpopProofOptions } from '@mcp-m2m/testing';
import { describe, expect, it } from 'vitest';

import { claimsFor, registerWithKey, signAssertion } from '../assertion.ts';
import { basic, GRANT, MCP, OTHER_MCP, post, requestToken, type Answer } from '../running-server.ts';
import { startServerForFile } from '../server-for-file.ts';
import {
  ACCESS_TOKEN,
  claimsOf,
  JWT_BEARER,
  startIssuer,
  TOKEN_EXCHANGE,
  trustIssuer,
  trustSubject,
  workloadToken,
} from './scene.ts';

const running = await startServerForFile();
const platform = await startIssuer();
const idp = await startIssuer();
await trustIssuer(running, idp, 'id-jag');
const access = [
  { resource: MCP, scopes: ['deploy:read', 'deploy:write'], defaultScopes: ['deploy:read'] },
  { resource: OTHER_MCP, scopes: ['other:read'] },
];
const grantTypes = ['client_credentials', JWT_BEARER, TOKEN_EXCHANGE] as const;
const { secret = '' } = await running.server.clients.create({
  clientId: 'holder',
  authentication: { method: 'secret' },
  access,
  grantTypes: [...grantTypes],
});
await running.server.clients.create({
  clientId: 'pod',
  authentication: { method: 'workload' },
  access,
  grantTypes: [...grantTypes],
});
await trustSubject(running, platform, 'pod');
const signer = await registerWithKey(running, 'signer');
await running.server.clients.update('signer', { access, grantTypes: [...grantTypes] });
const credentials = basic('holder', secret);

/** What a request of a grant is made of. */
interface GrantRequest {
  readonly parameters: Record<string, string>;
  readonly headers: Record<string, string>;
}

/** A correct request of every grant, for the first resource; a new one with every call. */
const GRANTS: Readonly<Record<string, () => Promise<GrantRequest>>> = {
  'client credentials': async () => ({ parameters: GRANT, headers: credentials }),
  'a token of a workload': async () => ({
    parameters: { grant_type: JWT_BEARER, assertion: workloadToken(platform, running) },
    headers: {},
  }),
  'an assertion of the client itself': async () => ({
    parameters: {
      grant_type: JWT_BEARER,
      assertion: await signAssertion(signer.privateKey, claimsFor(signer, running)),
    },
    headers: {},
  }),
  'an ID-JAG': async () => {
    const claims = { sub: 'ada', client_id: 'holder', jti: crypto.randomUUID() };
    const header = { typ: 'oauth-id-jag+jwt' };
    return {
      parameters: { grant_type: JWT_BEARER, assertion: workloadToken(idp, running, claims, header) },
      headers: credentials,
    };
  },
  'token exchange': async () => {
    const answer = await requestToken(running, { ...GRANT, resource: MCP }, credentials);
    return {
      parameters: {
        grant_type: TOKEN_EXCHANGE,
        subject_token: String(answer.body['access_token']),
        subject_token_type: ACCESS_TOKEN,
      },
      headers: credentials,
    };
  },
};

describe.each(Object.entries(GRANTS))('a request by %s', (grant, prepare) => {
  /** Sends a correct request with further parameters, which may repeat one. */
  async function ask(
    more: readonly (readonly [string, string])[] = [['resource', MCP]],
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const request = await prepare();
    const parameters = [...Object.entries(request.parameters), ...more.map((one) => [...one])];
    return await requestToken(running, parameters as [string, string][], { ...request.headers, ...headers });
  }

  it('AS5, AS6, AS8, AS19: is answered with the granted scope and nothing to refresh, never to be cached', async () => {
    const answer = await ask();
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(Object.keys(answer.body).toSorted()).toEqual(
      [
        'access_token',
        'expires_in',
        ...(answer.body['issued_token_type'] === undefined ? [] : ['issued_token_type']),
        'scope',
        'token_type',
      ].toSorted(),
    );
    expect(answer.body['scope']).toBe('deploy:read');
    expect(claimsOf(answer)).toMatchObject({ aud: MCP, scope: 'deploy:read' });
  });

  it('AS3: is answered alike whatever unknown parameters it has', async () => {
    const answer = await ask([
      ['resource', MCP],
      ['audience_hint', 'x'],
      ['__proto__', 'x'],
    ]);
    expect([answer.status, answer.body['scope']]).toEqual([200, 'deploy:read']);
  });

  it('A9: with any of its parameters repeated is refused as malformed', async () => {
    const { parameters } = await prepare();
    for (const [name, value] of Object.entries({ ...parameters, scope: 'deploy:read' })) {
      const more: [string, string][] = [[name, value]];
      if (name === 'scope') more.push([name, value]);
      const answer = await ask([['resource', MCP], ...more]);
      expect([name, answer.status, answer.body['error']]).toEqual([name, 400, 'invalid_request']);
    }
  });

  it('A12: for an unknown, relative, fragmented or repeated resource is refused', async () => {
    for (const resource of ['https://evil.example.com/mcp', '/mcp', `${MCP}#x`, `${MCP}/`]) {
      const answer = await ask([['resource', resource]]);
      expect([resource, answer.status, answer.body['error']]).toEqual([resource, 400, 'invalid_target']);
    }
    for (const second of [MCP, OTHER_MCP]) {
      const answer = await ask([
        ['resource', MCP],
        ['resource', second],
      ]);
      expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_target']);
    }
  });

  it('A13: without a resource, of which its client may use two, is refused, or keeps that of its token', async () => {
    const answer = await ask([]);
    const outcome = answer.status === 200 ? claimsOf(answer)['aud'] : answer.body['error'];
    expect(outcome).toBe(grant === 'token exchange' ? MCP : 'invalid_target');
  });

  it.each([
    ['the resource has and the client has not', 'deploy:approve'],
    ['nobody has', 'root'],
    ['of another resource', 'other:read'],
    ['beside one of its own', 'deploy:read deploy:approve'],
    ['in another case', 'DEPLOY:READ'],
  ])('A14: for a scope %s is refused', async (_name, scope) => {
    const answer = await ask([
      ['resource', MCP],
      ['scope', scope],
    ]);
    expect([answer.status, answer.body['error']]).toEqual([400, 'invalid_scope']);
  });

  it('A7, A31: in JSON, and of 60 kB, is refused', async () => {
    const { parameters, headers } = await prepare();
    const url = `${running.issuer}/token`;
    const inJson = await post(url, JSON.stringify(parameters), {
      ...headers,
      'content-type': 'application/json',
    });
    expect([inJson.status, inJson.body['error']]).toEqual([400, 'invalid_request']);
    expect((await ask([['padding', 'x'.repeat(60_000)]])).status).toBe(413);
  });

  it('D4, D9, D14, D19, D20, D23: is held to its proof, and its token bound to the key of that', async () => {
    const key = await generateDpopKey();
    const prove = (options: Partial<DpopProofOptions> = {}) =>
      createDpopProof({ key, method: 'POST', url: `${running.issuer}/token`, ...options });
    const resource = [['resource', MCP]] as const;
    for (const [id, broken] of Object.entries({
      D4: { claims: { jti: undefined } },
      D9: { header: { alg: 'none' } },
      D14: { url: 'https://evil.example.com/token' },
    })) {
      const answer = await ask(resource, { DPoP: prove(broken) });
      expect([id, answer.status, answer.body['error']]).toEqual([id, 400, 'invalid_dpop_proof']);
    }
    // D19: there is no access token yet that it could be for. D20: the token names the key of the proof.
    const proof = prove({ claims: { ath: 'of no token' } });
    const bound = await ask(resource, { DPoP: proof });
    expect([bound.status, bound.body['token_type']]).toEqual([200, 'DPoP']);
    expect(claimsOf(bound)['cnf']).toEqual({ jkt: key.thumbprint });
    const replayed = await ask(resource, { DPoP: proof });
    expect([replayed.status, replayed.body['error']]).toEqual([400, 'invalid_dpop_proof']);
  });
});
