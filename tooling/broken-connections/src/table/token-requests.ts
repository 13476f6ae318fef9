import type { BrokenConnection } from '../connection.ts';
import { CLIENT_ID, CLIENT_SECRET, startScene } from '../scene.ts';

const SIGNED = { clientSecret: undefined as never };

/** What goes wrong when a token is asked for. */
export const tokenRequests: readonly BrokenConnection[] = [
  {
    id: 'password-grant',
    title: 'Somebody wants to use the password grant',
    verdict: 'password_grant',
    says: /Use client_credentials/,
    start: () => startScene({ client: () => ({ grantType: 'password' }) }),
  },
  {
    id: 'authorization-code-grant',
    title: 'Somebody wants to use the authorization code grant without a person',
    verdict: 'grant_needs_person',
    says: /begins with a person who signs in/,
    start: () => startScene({ client: () => ({ grantType: 'authorization_code' }) }),
  },
  {
    id: 'pkce-parameters',
    title: 'The token request carries PKCE parameters',
    verdict: 'pkce_without_authorization_code',
    says: /Remove them/,
    start: () =>
      startScene({
        client: () => ({
          tokenParameters: { code_verifier: 'x'.repeat(43), redirect_uri: 'http://localhost' },
        }),
      }),
  },
  {
    id: 'only-people-sign-in',
    title: 'The authorization server offers grants for people alone',
    verdict: 'only_people_can_sign_in',
    says: /enable client_credentials/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.setMetadata({ grant_types_supported: ['authorization_code', 'refresh_token'] });
        },
      }),
  },
  {
    id: 'grant-not-offered',
    title: 'The authorization server does not offer the grant',
    verdict: 'grant_not_offered',
    says: /Use one of those/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.setMetadata({
            grant_types_supported: ['urn:ietf:params:oauth:grant-type:jwt-bearer', 'authorization_code'],
          });
        },
      }),
  },
  {
    id: 'authentication-method-not-offered',
    title: 'The authorization server takes signed assertions only',
    verdict: 'authentication_method_not_offered',
    says: /register the client for it/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.setMetadata({ token_endpoint_auth_methods_supported: ['private_key_jwt'] });
        },
      }),
  },
  {
    id: 'signing-algorithm-not-offered',
    title: 'The authorization server does not take ES256 assertions',
    verdict: 'signing_algorithm_not_offered',
    says: /Create a key for one of those/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.setMetadata({ token_endpoint_auth_signing_alg_values_supported: ['RS256'] });
        },
        client: ({ privateKeyPem }) => ({ ...SIGNED, privateKeyPem }),
      }),
  },
  {
    id: 'wrong-secret',
    title: 'The secret is wrong',
    verdict: 'credential_refused',
    says: /expired, withdrawn, rotated/,
    start: () => startScene({ client: () => ({ clientSecret: 'generated for the wrong connection, 0815' }) }),
  },
  {
    id: 'unknown-client',
    title: 'The client is not registered there',
    verdict: 'credential_refused',
    says: /Check the client id/,
    start: () => startScene({ client: () => ({ clientId: 'nightly-reprot' }) }),
  },
  {
    id: 'clock-wrong',
    title: 'The clock of this machine is an hour behind',
    verdict: 'assertion_refused',
    says: /clock/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          // To the client it is the same which of the two clocks is wrong.
          authority.advanceSeconds(3600);
          authority.endpoints.token.setHeaders({ date: new Date(authority.now()).toUTCString() });
        },
        client: ({ privateKeyPem }) => ({ ...SIGNED, privateKeyPem }),
      }),
  },
  {
    id: 'grant-not-allowed-for-the-client',
    title: 'The client may not use the grant',
    verdict: 'grant_refused',
    says: /allow this client the grant/,
    start: () => refusing({ error: 'unauthorized_client' }),
  },
  {
    id: 'scope-not-allowed',
    title: 'The client asks for a scope that is not its own',
    verdict: 'scope_refused',
    says: /grant them/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.registerClient({ clientId: CLIENT_ID, secret: CLIENT_SECRET, scopes: ['reports:read'] });
        },
      }),
  },
  {
    id: 'resource-unknown',
    title: 'The authorization server does not know the MCP server',
    verdict: 'resource_refused',
    says: /register this resource/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.registerClient({
            clientId: CLIENT_ID,
            secret: CLIENT_SECRET,
            resources: ['https://other.example.com/mcp'],
          });
        },
      }),
  },
  {
    id: 'scope-of-the-tool-not-granted',
    title: 'The client calls a tool whose scope nobody has granted it',
    verdict: 'scope_missing',
    says: /lacks "deploy:write".*Have an administrator grant/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.registerClient({ clientId: CLIENT_ID, secret: CLIENT_SECRET, scopes: ['deploy:read'] });
        },
        client: () => ({
          tool: { name: 'start_deployment', arguments: { service: 'web', environment: 'staging' } },
        }),
      }),
  },
  {
    id: 'dpop-wanted-for-tokens',
    title: 'The authorization server issues tokens bound to a key only',
    verdict: 'dpop_required',
    says: /--dpop/,
    start: () => refusing({ error: 'invalid_dpop_proof', error_description: 'a DPoP proof is required' }),
  },
  {
    id: 'token-endpoint-fails',
    title: 'The token endpoint is overloaded',
    verdict: 'token_endpoint_failing',
    says: /overloaded or broken/,
    start: () => refusing({ error: 'temporarily_unavailable' }, 503),
  },
  {
    id: 'token-endpoint-hangs',
    title: 'The token endpoint never answers',
    verdict: 'timed_out',
    says: /hangs/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.endpoints.token.hang();
        },
        client: () => ({ timeoutMilliseconds: 1500 }),
      }),
  },
  {
    id: 'token-endpoint-is-a-web-page',
    title: 'The token endpoint answers with a web page',
    verdict: 'token_response_invalid',
    says: /text\/html/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.endpoints.token.answerWith({
            headers: { 'content-type': 'text/html' },
            body: '<!doctype html><title>Sign in</title>',
          });
        },
      }),
  },
];

function refusing(json: Readonly<Record<string, string>>, status = 400) {
  return startScene({
    prepare: ({ authority }) => {
      authority.endpoints.token.answerWith({ status, json });
    },
  });
}
