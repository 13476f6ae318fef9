import { createSigningKey, generateDpopKey } from '@mcp-m2m/testing';

import type { BrokenConnection, ConnectionSettings } from '../connection.ts';
import { CLIENT_ID, startScene, type Scene } from '../scene.ts';

/** The settings of a client that has a token already. */
function holding(token: string): Partial<ConnectionSettings> {
  return { token, clientId: undefined as never, clientSecret: undefined as never };
}

/** Tokens that the token endpoint issues in place of those that are right. */
function issuing(scene: Scene, token: string): void {
  scene.authority.endpoints.token.answerWith({
    json: { access_token: token, token_type: 'Bearer', expires_in: 300 },
  });
}

/** What goes wrong with the token, or with what it is used for. */
export const tokens: readonly BrokenConnection[] = [
  {
    id: 'id-token',
    title: 'An ID token is sent where an access token belongs',
    verdict: 'id_token',
    says: /access_token of the token response, not id_token/,
    start: () =>
      startScene({
        client: ({ authority }) =>
          holding(
            authority.mint(
              { aud: CLIENT_ID, scope: undefined, client_id: undefined, at_hash: 'c2hvcnQ', nonce: 'n-1' },
              { typ: 'JWT' },
            ),
          ),
      }),
  },
  {
    id: 'resource-ignored',
    title: 'The authorization server ignores "resource" and issues tokens for another audience',
    verdict: 'audience_differs',
    says: /may have ignored "resource"/,
    start: () =>
      startScene({
        prepare: (scene) => {
          issuing(scene, scene.authority.mint({ aud: 'https://api.example.com', scope: 'deploy:read' }));
        },
      }),
  },
  {
    id: 'no-audience',
    title: 'The authorization server issues tokens without an audience',
    verdict: 'audience_missing',
    says: /put .* into "aud"/,
    start: () =>
      startScene({
        prepare: (scene) => {
          issuing(scene, scene.authority.mint({ aud: undefined, scope: 'deploy:read' }));
        },
      }),
  },
  {
    id: 'expired-token',
    title: 'A token was pasted that has expired',
    verdict: 'token_expired',
    says: /Request a new one/,
    start: () =>
      startScene({
        client: ({ authority, url }) =>
          holding(authority.mint({ aud: url, scope: 'deploy:read' }, { expiresInSeconds: -600 })),
      }),
  },
  {
    id: 'token-of-the-future',
    title: 'The clock of the authorization server is ahead',
    verdict: 'token_not_yet_valid',
    says: /Compare the clocks/,
    start: () =>
      startScene({
        client: ({ authority, url }) => {
          const start = Math.floor(Date.now() / 1000) + 3600;
          return holding(
            authority.mint({ aud: url, scope: 'deploy:read', nbf: start, iat: start, exp: start + 300 }),
          );
        },
      }),
  },
  {
    id: 'token-of-another-issuer',
    title: 'The token is from another issuer',
    verdict: 'token_issuer_differs',
    says: /compares them character by character/,
    start: () =>
      startScene({
        client: ({ authority, url }) =>
          holding(authority.mint({ iss: 'https://login.example.com', aud: url, scope: 'deploy:read' })),
      }),
  },
  {
    id: 'key-not-published',
    title: 'The token is signed with a key that is not published',
    verdict: 'signing_key_unknown',
    says: /before a change of keys/,
    start: () =>
      startScene({
        client: async ({ authority, url }) =>
          holding(authority.mint({ aud: url, scope: 'deploy:read' }, { key: await createSigningKey() })),
      }),
  },
  {
    id: 'token-cut-short',
    title: 'The token was changed on its way',
    verdict: 'signature_invalid',
    says: /copy it whole/,
    start: () =>
      startScene({
        client: ({ authority, url }) => {
          const token = authority.mint({ aud: url, scope: 'deploy:read' });
          const [header, payload, signature = ''] = token.split('.');
          return holding(`${header}.${payload}.${signature.slice(4)}AAAA`);
        },
      }),
  },
  {
    id: 'token-signed-with-a-secret',
    title: 'The token is signed with a shared secret',
    verdict: 'token_unsigned',
    says: /asymmetric algorithm/,
    start: () =>
      startScene({
        client: ({ authority, url }) =>
          holding(
            authority.mint(
              { aud: url },
              { algorithm: 'HS256', key: Buffer.from('generated, and shared: 0123456789') },
            ),
          ),
      }),
  },
  {
    id: 'token-bound-to-a-key',
    title: 'The token is bound to a key that the client does not have',
    verdict: 'dpop_required',
    says: /--dpop/,
    start: () =>
      startScene({
        client: async ({ authority, url }) => {
          const key = await generateDpopKey();
          return holding(authority.mint({ aud: url, scope: 'deploy:read', cnf: { jkt: key.thumbprint } }));
        },
      }),
  },
  {
    id: 'server-wants-dpop',
    title: 'The MCP server takes tokens bound to a key only',
    verdict: 'dpop_required',
    says: /--dpop/,
    start: () => startScene({ protection: () => ({ dpop: { required: true } }) }),
  },
  {
    id: 'proxy-strips-the-token',
    title: 'A proxy removes the Authorization header',
    verdict: 'authorization_header_lost',
    says: /proxy_set_header Authorization/,
    start: () =>
      startScene({
        before: () => (request, _response, next) => {
          delete request.headers.authorization;
          const index = request.rawHeaders.findIndex((name) => name.toLowerCase() === 'authorization');
          if (index !== -1) request.rawHeaders.splice(index, 2);
          next();
        },
      }),
  },
  {
    id: 'server-cannot-verify',
    title: 'The MCP server cannot reach the keys of the authorization server',
    verdict: 'server_failing',
    says: /may not reach its authorization server/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.endpoints.jwks.goDown();
        },
      }),
  },
  {
    id: 'server-wants-a-person',
    title: 'The token is fine, and the server wants a person',
    verdict: 'person_required',
    says: /authorization code \(a person signs in\) or token exchange/,
    start: () =>
      startScene({
        client: () => ({ tool: { name: 'approve_production', arguments: { id: 1 } } }),
      }),
  },
  {
    id: 'scope-too-little',
    title: 'The token lacks the scope of a tool',
    verdict: 'scope_missing',
    says: /deploy:write/,
    start: () =>
      startScene({
        client: ({ authority, url }) => ({
          ...holding(authority.mint({ aud: url, scope: 'deploy:read' })),
          tool: { name: 'start_deployment', arguments: { service: 'web', environment: 'staging' } },
        }),
      }),
  },
  {
    id: 'tool-unknown',
    title: 'The tool does not exist',
    verdict: 'tool_unknown',
    says: /Choose one of those it lists/,
    start: () => startScene({ client: () => ({ tool: { name: 'list_deploymnets' } }) }),
  },
  {
    id: 'not-protected',
    title: 'The server answers everybody',
    verdict: 'not_protected',
    says: /put the verification of tokens before/,
    works: true,
    start: () =>
      startScene({
        before: () => (request, response, next) => {
          if (request.method === 'POST' && request.headers.authorization === undefined) {
            response.json({ jsonrpc: '2.0', id: 1, result: {} });
          } else {
            next();
          }
        },
      }),
  },
];
