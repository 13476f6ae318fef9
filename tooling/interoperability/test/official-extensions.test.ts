import { createTestAuthority } from '@mcp-m2m/testing';
import {
  Client,
  ClientCredentialsProvider,
  CrossAppAccessProvider,
  discoverAndRequestJwtAuthGrant,
  DpopSession,
  StreamableHTTPClientTransport,
  type OAuthClientProvider,
} from '@modelcontextprotocol/client';
import { decodeJwt } from 'jose';
import { expect, it, onTestFinished, describe } from 'vitest';
import { startOwnServer } from './authorization-server.ts';
import { startMcpServer } from './mcp-server.ts';

const SCOPES = ['deploy:read', 'deploy:write'];
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

async function callWhoami(
  resource: string,
  authProvider: OAuthClientProvider,
  mode: 'legacy' | { pin: string },
): Promise<string> {
  const client = new Client({ name: 'agent', version: '1.0.0' }, { versionNegotiation: { mode } });
  await client.connect(new StreamableHTTPClientTransport(new URL(resource), { authProvider }));
  const { content } = await client.callTool({ name: 'whoami', arguments: {} });
  await client.close();
  const [first] = content;
  return first?.type === 'text' ? first.text : '';
}

/** An identity provider that gives an ID-JAG for whatever it is asked for. */
async function startIdentityProvider() {
  const authority = await createTestAuthority();
  onTestFinished(() => authority.close());
  const audiences: (string | null)[] = [];
  const sign = (claims: Readonly<Record<string, unknown>>, typ: string): string => {
    const { keyId, algorithm } = authority.signingKey;
    const iat = Math.floor(authority.now() / 1000);
    return authority.mintRaw({
      header: { alg: algorithm, kid: keyId, typ },
      payload: { iss: authority.issuer, sub: 'ada', iat, exp: iat + 300, ...claims },
    });
  };
  authority.endpoints.token.answerWith(({ body }) => {
    const form = new URLSearchParams(body);
    audiences.push(form.get('audience'));
    const claims = {
      aud: form.get('audience'),
      client_id: 'agent',
      resource: form.get('resource'),
      scope: form.get('scope') ?? 'deploy:read',
      jti: crypto.randomUUID(),
    };
    const json = {
      access_token: sign(claims, 'oauth-id-jag+jwt'),
      issued_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
      token_type: 'N_A',
      expires_in: 300,
    };
    return { status: 200, json };
  });
  return { issuer: authority.issuer, audiences, idToken: sign({ aud: 'agent-at-idp' }, 'JWT') };
}

describe.each<['legacy' | { pin: string }]>([['legacy'], [{ pin: '2026-07-28' }]])(
  'the official client, SDK v2, %j',
  (mode) => {
    it.each(['', '/tenants/one'])(
      'with CrossAppAccessProvider gets a token for a person from the issuer at path "%s"',
      async (path) => {
        const server = await startMcpServer();
        const { resource } = server;
        const own = await startOwnServer([{ resource, scopes: SCOPES }], { path });
        server.trust([own.issuer]);
        const identityProvider = await startIdentityProvider();
        await own.server.trust.issuers.create({ issuer: identityProvider.issuer, kind: 'id-jag' });
        const { secret = '' } = await own.server.clients.create({
          clientId: 'agent',
          authentication: { method: 'secret' },
          access: [{ resource, scopes: ['deploy:read'] }],
          grantTypes: [JWT_BEARER],
        });
        const provider = new CrossAppAccessProvider({
          clientId: 'agent',
          clientSecret: secret,
          expectedIssuer: own.issuer,
          assertion: async ({ authorizationServerUrl, resourceUrl, scope, fetchFn }) => {
            const { jwtAuthGrant } = await discoverAndRequestJwtAuthGrant({
              idpUrl: identityProvider.issuer,
              audience: authorizationServerUrl,
              resource: resourceUrl,
              idToken: identityProvider.idToken,
              clientId: 'agent-at-idp',
              clientSecret: 'x',
              ...(scope === undefined ? {} : { scope }),
              fetchFn,
            });
            return jwtAuthGrant;
          },
        });
        expect(await callWhoami(resource, provider, mode)).toBe('user agent');
        expect(identityProvider.audiences).toEqual([own.issuer]);
      },
    );

    it.each([false, true])(
      'with its own DPoP gets a bound token, nonces demanded: %s',
      async (dpopNonces) => {
        const server = await startMcpServer({ dpop: { required: true, nonce: dpopNonces } });
        const { resource } = server;
        const own = await startOwnServer([{ resource, scopes: SCOPES }], { dpopNonces });
        server.trust([own.issuer]);
        const { secret = '' } = await own.server.clients.create({
          clientId: 'prover',
          authentication: { method: 'secret' },
          access: [{ resource, scopes: ['deploy:read'] }],
          senderConstraint: 'dpop',
        });
        const provider = new ClientCredentialsProvider({
          clientId: 'prover',
          clientSecret: secret,
          expectedIssuer: own.issuer,
        });
        const session = await DpopSession.create();
        const proving = Object.assign(provider, { dpop: () => session });
        expect(await callWhoami(resource, proving, mode)).toBe('machine prover');
        const tokens = provider.tokens();
        expect(tokens?.token_type).toBe('DPoP');
        expect(decodeJwt(tokens?.access_token ?? '').cnf).toEqual({ jkt: expect.any(String) });
      },
    );
  },
);
