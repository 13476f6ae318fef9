import { BodyTooLargeError, readBoundedBody } from '../../bounded-body.ts';
import { describeNetworkFailure, isRedirect, isRefusedAddress, type Fetch } from '../../bounded-document.ts';
import { withoutSecrets } from '../../document-error.ts';
import { untilAborted } from '../../until-aborted.ts';
import type {
  ClientAuthentication,
  ClientAuthenticationContext,
} from '../../client-authentication/client-authentication.ts';
import { ClientSecretError } from '../../client-authentication/client-secret.ts';
import type { DpopProver } from '../dpop/dpop-prover.ts';
import { AssertionSourceError } from '../grants/assertion-source.ts';
import { isNonceError } from '../dpop/nonce-demand.ts';
import { REFUSED_ADDRESS_HINT } from '../token-acquisition-hint.ts';
import type { Concealment } from './concealed-text.ts';
import { readJsonAnswer } from './json-answer.ts';
import {
  assertionUnavailable,
  TokenAcquisitionError,
  type TokenAcquisitionErrorCode,
  type TokenAcquisitionStep,
} from '../token-acquisition-error.ts';
import type { TimeBudget } from './time-budget.ts';

const MAX_BODY_BYTES = 65_536;

/** What is asked of a token endpoint, before the client's authentication. */
export interface TokenRequestDetails {
  /** The MCP server the token is for. */
  readonly resource: string;
  /** Parameters of the form body; `undefined` ones are left out. */
  readonly parameters: Readonly<Record<string, string | undefined>>;
  readonly authentication: ClientAuthentication;
  /** Told which revision of a credential that can change was used. */
  readonly noteRevision?: ((revision: string) => void) | undefined;
  readonly context: ClientAuthenticationContext;
  /** Proves possession of the key that the token is to be bound to. */
  readonly dpop?: DpopProver | undefined;
  /** For errors: `token_request`, unless the request only gets what that needs. */
  readonly step?: TokenAcquisitionStep | undefined;
  readonly fetch?: Fetch | undefined;
  readonly budget: TimeBudget;
  readonly concealment: Concealment;
}

/** The answer of a token endpoint, whole and unjudged. */
export interface TokenEndpointAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/**
 * Sends an authenticated request to a token endpoint and reads the answer, under bounds on time and size.
 *
 * Follows no redirect: the request carries credentials. A demand for a nonce in the proof is answered once. Does
 * not judge the answer otherwise.
 *
 * @throws TokenAcquisitionError where there is no answer to judge
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.2 | RFC 6749 §3.2},
 *   {@link https://www.rfc-editor.org/rfc/rfc9449#section-8 | RFC 9449 §8}
 */
export async function sendTokenRequest(details: TokenRequestDetails): Promise<TokenEndpointAnswer> {
  const { dpop, context } = details;
  const answer = await sendOnce(details);
  if (dpop === undefined) return answer;
  const nonce = dpop.noteResponse(context.tokenEndpoint, answer.headers, 'authorization_server');
  if (nonce === undefined || !isNonceError(answer.status, readJsonAnswer(answer.body))) return answer;
  // Signed anew: an assertion is good for one request.
  const second = await sendOnce(details);
  dpop.noteResponse(context.tokenEndpoint, second.headers, 'authorization_server');
  return second;
}

async function sendOnce(details: TokenRequestDetails): Promise<TokenEndpointAnswer> {
  const { resource, context, budget, concealment, step = 'token_request' } = details;
  const { tokenEndpoint } = context;
  const fail = (
    code: TokenAcquisitionErrorCode,
    expected: string,
    received: string,
    cause?: unknown,
    hint?: string,
  ) =>
    new TokenAcquisitionError(code, {
      step,
      resource,
      server: withoutSecrets(tokenEndpoint),
      expected,
      received,
      hint,
      cause: cause === undefined ? undefined : concealment.causeOf(cause),
    });
  const signal = AbortSignal.timeout(budget.remainingMilliseconds());
  const { headers, body } = await authenticatedForm(details, signal);
  try {
    const response = await untilAborted(
      (details.fetch ?? globalThis.fetch)(tokenEndpoint, {
        method: 'POST',
        headers,
        body,
        redirect: 'manual',
        signal,
      }),
      signal,
    );
    if (isRedirect(response)) {
      response.body?.cancel().catch(() => undefined);
      throw fail('redirected', 'no redirect', `status ${response.status}`);
    }
    const bytes = await untilAborted(readBoundedBody(response, MAX_BODY_BYTES), signal);
    return { status: response.status, headers: response.headers, body: bytes };
  } catch (error) {
    if (error instanceof TokenAcquisitionError) throw error;
    if (error instanceof BodyTooLargeError) {
      throw fail('token_response_invalid', `at most ${MAX_BODY_BYTES} bytes`, error.message);
    }
    if (signal.aborted) {
      throw fail('timeout', `an answer within ${budget.totalMilliseconds} ms in all`, 'none', error);
    }
    const received = concealment.show(describeNetworkFailure(error));
    if (isRefusedAddress(error))
      throw fail('untrusted_url', 'an answer', received, error, REFUSED_ADDRESS_HINT);
    throw fail('unreachable', 'an answer', received, error);
  }
}

async function authenticatedForm(
  details: TokenRequestDetails,
  signal: AbortSignal,
): Promise<{ headers: Headers; body: string }> {
  const { authentication, context, concealment, budget } = details;
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(details.parameters)) {
    if (value !== undefined) parameters.set(name, value);
  }
  const headers = new Headers({
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
  });
  const request = {
    headers,
    parameters,
    conceal: (value: string) => concealment.add(value),
    noteRevision: details.noteRevision ?? (() => undefined),
  };
  try {
    const proof = authentication.authenticate(request, { ...context, resource: details.resource, signal });
    await untilAborted(Promise.resolve(proof), signal);
    if (details.dpop !== undefined) {
      const header = details.dpop.createProof({ method: 'POST', url: context.tokenEndpoint });
      headers.set('dpop', await untilAborted(header, signal));
    }
  } catch (cause) {
    const about = {
      step: 'client_authentication',
      resource: details.resource,
      server: withoutSecrets(context.tokenEndpoint),
    } as const;
    if (cause instanceof AssertionSourceError) {
      throw assertionUnavailable(cause, { ...about, step: 'assertion', server: withoutSecrets(cause.from) });
    }
    throw new TokenAcquisitionError(signal.aborted ? 'timeout' : 'client_authentication_failed', {
      ...about,
      expected: `proof of the client's identity by ${authentication.method}`,
      received: signal.aborted ? `none within ${budget.totalMilliseconds} ms in all` : 'an error',
      hint: signal.aborted ? 'See whether the source of the secret, or the signer, hangs.' : undefined,
      // The source of a secret may tell in its message what it read.
      cause: cause instanceof ClientSecretError ? cause : concealment.standInFor(cause),
    });
  }
  const body = parameters.toString();
  concealment.addWhole(body);
  const authorization = headers.get('authorization');
  if (authorization !== null) concealment.add(authorization);
  return { headers, body };
}
