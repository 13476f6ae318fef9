import { createSigningKey, generateDpopKey } from '@mcp-m2m/testing';

import type { BrokenConnection, ConnectionSettings } from '../connection.ts';
import { CLIENT_ID, startScene, type Scene } from '../scene.ts';

/** The settings of a client that has a token already. */
export function holding(token: string): Partial<ConnectionSettings> {
  return { token, clientId: undefined as never, clientSecret: undefined as never };
}

/** Tokens that the token endpoint issues in place of those that are right. */
function issuing(scene: Scene, token: string): void {
  scene.authority.endpoints.token.answerWith({
    json: { access_token: token, token_type: 'Bearer', expires_in: 300 },
  });
}

/** What goes wrong with the token. */
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
    id: 'issuer-of-the-token-with-a-slash',
    title: 'The tokens name their issuer with a slash at the end, and nobody else does',
    verdict: 'token_issuer_trailing_slash',
    says: /slash at the end makes them two/,
    start: () =>
      startScene({
        client: ({ authority, url }) =>
          holding(authority.mint({ iss: `${authority.issuer}/`, aud: url, scope: 'deploy:read' })),
      }),
  },
  {
    id: 'audience-with-a-slash',
    title: 'The tokens are for the address with a slash at its end',
    verdict: 'audience_trailing_slash',
    says: /in one and the same way/,
    start: () =>
      startScene({
        prepare: (scene) => {
          issuing(scene, scene.authority.mint({ aud: `${scene.url}/`, scope: 'deploy:read' }));
        },
      }),
  },
  {
    id: 'expiry-in-milliseconds',
    title: 'The authorization server writes the end of tokens in milliseconds',
    verdict: 'token_expiry_invalid',
    says: /not of milliseconds/,
    start: () =>
      startScene({
        client: ({ authority, url }) =>
          holding(authority.mint({ aud: url, scope: 'deploy:read', exp: Date.now() + 300_000 })),
      }),
  },
  {
    id: 'token-without-end',
    title: 'The tokens do not say when they end',
    verdict: 'token_expiry_invalid',
    says: /"exp" is missing/,
    start: () =>
      startScene({
        client: ({ authority, url }) =>
          holding(authority.mint({ aud: url, scope: 'deploy:read', exp: undefined })),
      }),
  },
  {
    id: 'dpop-in-name-only',
    title: 'The authorization server calls a token bound, and binds it to no key',
    verdict: 'binding_ignored',
    says: /Enable DPoP for this client/,
    start: () =>
      startScene({
        prepare: ({ authority, url }) => {
          authority.endpoints.token.answerWith({
            json: {
              access_token: authority.mint({ aud: url, scope: 'deploy:read' }),
              token_type: 'DPoP',
              expires_in: 300,
            },
          });
        },
        client: () => ({ dpop: true }),
      }),
  },
  {
    id: 'bearer-where-dpop-was-asked',
    title: 'The authorization server ignores DPoP',
    verdict: 'token_response_invalid',
    says: /Enable DPoP for this client/,
    start: () =>
      startScene({
        prepare: (scene) => {
          issuing(scene, scene.authority.mint({ aud: scene.url, scope: 'deploy:read' }));
        },
        client: () => ({ dpop: true }),
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
    id: 'token-withdrawn',
    title: 'The token was withdrawn before its end',
    verdict: 'token_refused',
    says: /its log has the true reason/,
    start: () => startScene({ protection: () => ({ isRevoked: () => true }) }),
  },
];
