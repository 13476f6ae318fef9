import { compactVerify, generateKeyPair, type CompactVerifyResult, type CryptoKey } from 'jose';
import type { ClientAuthentication } from '../../../src/client-authentication/client-authentication.ts';
import type { ProviderProfile } from '../../../src/client/providers/provider-profile.ts';
import { readServerParameters } from '../../../src/client/providers/server-parameters.ts';
import { TokenAcquisitionError } from '../../../src/client/token-acquisition-error.ts';
import { createConcealment } from '../../../src/client/token-endpoint/concealed-text.ts';
import { startTimeBudget } from '../../../src/client/token-endpoint/time-budget.ts';
import { readRefusal } from '../../../src/client/token-endpoint/token-refusal.ts';
import { sendTokenRequest } from '../../../src/client/token-endpoint/token-request.ts';
import {
  startLoopbackServer,
  type Answer,
  type LoopbackServer,
  type ReceivedRequest,
} from '../../loopback-server.ts';

export const CLIENT_ID = 'nightly-report';
export const SECRET = 'correct-horse-battery-staple';
export const RESOURCE = 'https://mcp.example.com/mcp';

/** A token request as an identity provider sees it. */
export interface ReceivedTokenRequest {
  readonly form: URLSearchParams;
  /** Client id and secret, however they were sent. */
  readonly clientId: string | null;
  readonly secret: string | null;
}

/** A token endpoint that refuses as one identity provider does. */
export interface IdentityProvider extends LoopbackServer {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  /** The forms that reached it. */
  forms(): URLSearchParams[];
}

/** Starts an identity provider on its own paths below an ephemeral port. */
export async function startIdentityProvider(
  paths: { readonly issuer: string; readonly tokenEndpoint: string },
  judge: (request: ReceivedTokenRequest, self: IdentityProvider) => Answer | Promise<Answer>,
): Promise<IdentityProvider> {
  const server = await startLoopbackServer((request) => {
    const isTokenRequest = request.method === 'POST' && request.url === paths.tokenEndpoint;
    return isTokenRequest ? judge(read(request), self) : { status: 404 };
  });
  const self: IdentityProvider = {
    ...server,
    issuer: `${server.origin}${paths.issuer}`,
    tokenEndpoint: `${server.origin}${paths.tokenEndpoint}`,
    forms: () => server.requests.map(({ body }) => new URLSearchParams(body)),
  };
  return self;
}

function read({ body, headers }: ReceivedRequest): ReceivedTokenRequest {
  const form = new URLSearchParams(body);
  const basic = /^Basic (.+)$/.exec(headers.authorization ?? '')?.[1];
  const [id, secret] = basic === undefined ? [] : atob(basic).split(':').map(decodeURIComponent);
  return { form, clientId: id ?? form.get('client_id'), secret: secret ?? form.get('client_secret') };
}

/** A refusal in the form of RFC 6749. */
export const refuse = (status: number, error: string, description?: string): Answer => ({
  status,
  json: { error, ...(description === undefined ? {} : { error_description: description }) },
});

/** A token that says what it was given for. */
export const grant = (audience: string | undefined, scope?: string | null): Answer => ({
  json: { access_token: `for:${audience ?? 'nobody'}`, token_type: 'Bearer', expires_in: 3600, scope },
});

/** A client's keys: one half to sign with, one for the provider to verify by. */
export async function createKeys(
  algorithm: 'RS256' | 'ES256' = 'RS256',
): Promise<{ key: CryptoKey; publicKey: CryptoKey }> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm);
  return { key: privateKey, publicKey };
}

/** The client assertion of a request, verified; `undefined` if it is none, or signed by another key. */
export async function readAssertion(
  form: URLSearchParams,
  publicKey: CryptoKey,
): Promise<{ header: CompactVerifyResult['protectedHeader']; claims: Record<string, unknown> } | undefined> {
  try {
    const { protectedHeader, payload } = await compactVerify(form.get('client_assertion') ?? '', publicKey);
    return {
      header: protectedHeader,
      claims: JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>,
    };
  } catch {
    return undefined;
  }
}

export interface ClientRequest {
  readonly at: IdentityProvider;
  readonly authentication: ClientAuthentication;
  readonly profile?: ProviderProfile;
  /** The issuer to recognise the provider by. */
  readonly issuer?: string;
  /** Scopes where no profile sets them. */
  readonly scopes?: readonly string[];
  readonly now?: () => number;
}

/**
 * Sends the token request that a client with this profile (or none) sends, and reads the answer as it does.
 *
 * @throws TokenAcquisitionError
 */
export async function requestToken(request: ClientRequest): Promise<unknown> {
  const { at, authentication, profile, now = Date.now } = request;
  const concealment = createConcealment();
  const { fixedScopes, tokenParameters } = readServerParameters(profile, RESOURCE, {});
  const scopes = fixedScopes ?? request.scopes ?? [];
  const requestedAt = now();
  const answer = await sendTokenRequest({
    resource: RESOURCE,
    parameters: {
      ...tokenParameters,
      grant_type: 'client_credentials',
      resource: profile?.omitResource === true ? undefined : RESOURCE,
      scope: scopes.length === 0 ? undefined : scopes.join(' '),
    },
    authentication,
    context: {
      issuer: at.issuer,
      tokenEndpoint: at.tokenEndpoint,
      clientId: CLIENT_ID,
      assertionAudience: profile?.assertionAudience,
      now,
    },
    budget: startTimeBudget(10_000),
    concealment,
  });
  const document = JSON.parse(new TextDecoder().decode(answer.body)) as Record<string, unknown>;
  if (answer.status === 200) return document.access_token;
  throw new TokenAcquisitionError(
    ...readRefusal(
      answer,
      document,
      {
        resource: RESOURCE,
        server: at.tokenEndpoint,
        requestedAt,
        receivedAt: now(),
        method: authentication.method,
        issuer: request.issuer ?? at.issuer,
        profile,
      },
      concealment,
    ),
  );
}

/** The hint of the refusal that a request ends in. */
export async function hintOf(request: ClientRequest): Promise<string> {
  const outcome: unknown = await requestToken(request).catch((error: unknown) => error);
  if (outcome instanceof TokenAcquisitionError) return outcome.hint;
  throw new Error('expected a refusal', { cause: outcome });
}
