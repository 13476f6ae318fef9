import type { TestAuthority } from '@mcp-m2m/testing';
import type { ClientAuthentication, ClientAuthenticationContext } from '../../src/client/index.ts';

export const CONTEXT: ClientAuthenticationContext = {
  issuer: 'https://auth.example.com',
  tokenEndpoint: 'https://auth.example.com/oauth2/token',
  clientId: 'nightly-report',
  now: Date.now,
};

/** What an authentication made of a token request. */
export interface Proof {
  readonly headers: Headers;
  readonly parameters: URLSearchParams;
  /** The assertion, if it added one. */
  readonly assertion: string;
  readonly concealed: string[];
}

/** Lets a client authenticate outside a token source. */
export async function prove(
  authentication: ClientAuthentication,
  context: Partial<ClientAuthenticationContext> = {},
): Promise<Proof> {
  const concealed: string[] = [];
  const headers = new Headers();
  const parameters = new URLSearchParams();
  await authentication.authenticate(
    { headers, parameters, conceal: (value) => concealed.push(value) },
    { ...CONTEXT, ...context },
  );
  return { headers, parameters, concealed, assertion: parameters.get('client_assertion') ?? '' };
}

/** Asks the token endpoint of an authority for a token, and returns the status of its answer. */
export async function requestToken(
  authority: TestAuthority,
  authentication: ClientAuthentication,
  clientId = CONTEXT.clientId,
): Promise<{ readonly status: number; readonly body: unknown; readonly proof: Proof }> {
  const tokenEndpoint = `${authority.issuer}/token`;
  const context = { issuer: authority.issuer, tokenEndpoint, clientId, now: authority.now };
  const proof = await prove(authentication, context);
  proof.parameters.set('grant_type', 'client_credentials');
  proof.parameters.set('resource', 'https://mcp.example.com/mcp');
  const response = await fetch(tokenEndpoint, {
    method: 'POST',
    headers: proof.headers,
    body: proof.parameters,
  });
  return { status: response.status, body: await response.json(), proof };
}

/** Waits for a rejection, and returns what was thrown. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (reason: unknown) => reason,
  );
}
