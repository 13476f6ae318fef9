import {
  authorizedFetch,
  clientSecretBasic,
  createDpop,
  createTokenSource,
  enterpriseManaged,
  jwtBearer,
  noClientAuthentication,
  privateKeyJwt,
  selfSignedAssertion,
  TOKEN_TYPES,
  tokenExchange,
  workloadAssertion,
  type AuthorizationGrant,
  type ClientAuthentication,
  type DpopProver,
} from '@mcp-m2m/core/client';
import type { JWK } from 'jose';
import { describe, expect, it } from 'vitest';

import { generateSigningClient, type SigningClient } from '../assertion.ts';
import { startServer, type RunningServer } from '../running-server.ts';
import { startProtectedServer } from './protected-server.ts';
import {
  JWT_BEARER,
  startIssuer,
  SUBJECT,
  TOKEN_EXCHANGE,
  trustIssuer,
  trustSubject,
  workloadToken,
} from './scene.ts';

const mcp = await startProtectedServer();
const next = await startProtectedServer();
const workloads = await startIssuer();
const idp = await startIssuer();
const SCOPES = ['deploy:read', 'deploy:write'];
const GRANTS = ['client_credentials', JWT_BEARER, TOKEN_EXCHANGE] as const;

/** The authorization server that both MCP servers trust, demanding nonces or not. */
async function setUp(dpopNonces = false): Promise<RunningServer> {
  const running = await startServer({
    resources: [mcp, next].map(({ resource }) => ({ resource, scopes: SCOPES })),
    dpopNonces,
  });
  for (const server of [mcp, next]) server.protect(running.issuer, { access: { scopes: ['deploy:read'] } });
  return running;
}
const access = [mcp, next].map(({ resource }) => ({ resource, scopes: SCOPES }));

const jwkOf = ({ privateKey }: SigningClient) => privateKey.export({ format: 'jwk' }) as JWK;

interface Acquisition {
  readonly clientId: string;
  readonly authentication: ClientAuthentication;
  readonly grant?: AuthorizationGrant | undefined;
  readonly dpop?: DpopProver | undefined;
  readonly resource?: string;
}

/** Calls an MCP server with a token that core's client acquires from this server. */
async function call({ issuer }: RunningServer, { resource = mcp.resource, ...acquisition }: Acquisition) {
  const tokens = createTokenSource({ resource, issuer, ...acquisition });
  const response = await authorizedFetch(tokens)(resource, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  const caller = (await response.json()) as Record<string, unknown>;
  return { status: response.status, caller, token: await tokens.getToken() };
}

describe("core's client against this server, and core's resource server behind both", () => {
  it('client credentials, by secret, by key, and with DPoP: a machine', async () => {
    for (const dpopNonces of [false, true]) {
      const running = await setUp(dpopNonces);
      const { clients } = running.server;
      const { secret = '' } = await clients.create({
        clientId: 'by-secret',
        authentication: { method: 'secret' },
        access,
      });
      const signer = generateSigningClient('by-key');
      await clients.create({
        clientId: 'by-key',
        authentication: { method: 'private_key_jwt', publicKey: signer.publicKey },
        access,
        senderConstraint: 'dpop',
      });
      const bySecret = clientSecretBasic({ clientSecret: secret });
      const byKey = privateKeyJwt({ key: jwkOf(signer), algorithm: 'ES256' });
      for (const [acquisition, scheme] of [
        [{ clientId: 'by-secret', authentication: bySecret }, 'Bearer'],
        [{ clientId: 'by-secret', authentication: bySecret, dpop: createDpop() }, 'DPoP'],
        [{ clientId: 'by-key', authentication: byKey, dpop: createDpop({ algorithm: 'ES256' }) }, 'DPoP'],
      ] as const) {
        const { status, caller, token } = await call(running, acquisition);
        expect([status, caller['kind'], caller['clientId']]).toEqual([200, 'machine', acquisition.clientId]);
        expect([token.tokenType, caller['subject']]).toEqual([scheme, acquisition.clientId]);
      }
      await running.stop();
    }
  });

  it('the JWT bearer grant, with the token of a workload and with an assertion of its own: a machine', async () => {
    const running = await setUp();
    const { clients } = running.server;
    await clients.create({
      clientId: 'pod',
      authentication: { method: 'workload' },
      access,
      grantTypes: [...GRANTS],
    });
    await trustSubject(running, workloads, 'pod');
    const signer = generateSigningClient('signer');
    await clients.create({
      clientId: 'signer',
      authentication: { method: 'private_key_jwt', publicKey: signer.publicKey },
      access,
      grantTypes: [...GRANTS],
    });
    const assertion = async () => workloadToken(workloads, running);
    for (const acquisition of [
      { clientId: 'pod', authentication: noClientAuthentication(), grant: jwtBearer({ assertion }) },
      { clientId: 'pod', authentication: workloadAssertion({ assertion }) },
      {
        clientId: 'pod',
        authentication: noClientAuthentication(),
        grant: jwtBearer({ assertion }),
        dpop: createDpop(),
      },
      {
        clientId: 'signer',
        authentication: noClientAuthentication(),
        grant: jwtBearer({ assertion: selfSignedAssertion({ key: jwkOf(signer), algorithm: 'ES256' }) }),
      },
      {
        clientId: 'signer',
        authentication: privateKeyJwt({ key: jwkOf(signer), algorithm: 'ES256' }),
        grant: jwtBearer({ assertion: selfSignedAssertion({ key: jwkOf(signer), algorithm: 'ES256' }) }),
      },
    ]) {
      const { status, caller } = await call(running, acquisition);
      expect([status, caller['kind'], caller['clientId']]).toEqual([200, 'machine', acquisition.clientId]);
    }
    expect(SUBJECT).not.toBe('pod');
    await running.stop();
  });

  it('enterprise-managed authorization: a user, and, acted for by an MCP server, a user delegated', async () => {
    const running = await setUp();
    const { clients } = running.server;
    const [agent, server] = await Promise.all(
      ['agent', 'mcp-server'].map(
        async (clientId) =>
          await clients.create({
            clientId,
            authentication: { method: 'secret' },
            access,
            grantTypes: [...GRANTS],
          }),
      ),
    );
    await trustIssuer(running, idp, 'id-jag');
    idp.endpoints.token.answerWith(({ body }) => {
      const form = new URLSearchParams(body);
      const access_token = workloadToken(
        idp,
        running,
        {
          sub: 'alice',
          aud: form.get('audience'),
          client_id: 'agent',
          resource: form.get('resource'),
          scope: 'deploy:read',
          jti: crypto.randomUUID(),
        },
        { typ: 'oauth-id-jag+jwt' },
      );
      return { status: 200, json: { access_token, issued_token_type: TOKEN_TYPES.idJag, token_type: 'N_A' } };
    });
    idp.setMetadata({ grant_types_supported: [TOKEN_EXCHANGE] });
    const { status, caller, token } = await call(running, {
      clientId: 'agent',
      authentication: clientSecretBasic({ clientSecret: agent?.secret ?? '' }),
      grant: enterpriseManaged({
        identityProvider: {
          issuer: idp.issuer,
          clientId: 'agent-at-idp',
          authentication: clientSecretBasic({ clientSecret: 'x' }),
        },
        subjectToken: async () => 'an-id-token',
        subject: 'alice',
      }),
    });
    expect(status).toBe(200);
    expect(caller).toMatchObject({
      kind: 'user',
      subject: `${idp.issuer}|alice`,
      clientId: 'agent',
      scopes: ['deploy:read'],
    });

    const delegated = await call(running, {
      clientId: 'mcp-server',
      authentication: clientSecretBasic({ clientSecret: server?.secret ?? '' }),
      grant: tokenExchange({ subjectToken: token.accessToken }),
      resource: next.resource,
    });
    expect([delegated.status, delegated.caller]).toMatchObject([
      200,
      { kind: 'delegated', subjectKind: 'user', clientId: 'mcp-server', actors: [{ sub: 'mcp-server' }] },
    ]);
    await running.stop();
  });

  it('token exchange for a machine: delegated, and its subject is still a machine', async () => {
    const running = await setUp();
    const { clients } = running.server;
    const create = async (clientId: string) => {
      const { secret = '' } = await clients.create({
        clientId,
        authentication: { method: 'secret' },
        access,
        grantTypes: [...GRANTS],
      });
      return clientSecretBasic({ clientSecret: secret });
    };
    const [report, server] = [await create('report'), await create('mcp-server')];
    const { token } = await call(running, { clientId: 'report', authentication: report });
    const { status, caller } = await call(running, {
      clientId: 'mcp-server',
      authentication: server,
      grant: tokenExchange({ subjectToken: token.accessToken }),
      dpop: createDpop(),
      resource: next.resource,
    });
    expect([status, caller]).toMatchObject([
      200,
      { kind: 'delegated', subjectKind: 'machine', subject: 'report', clientId: 'mcp-server' },
    ]);
    await running.stop();
  });
});
