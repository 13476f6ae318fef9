import {
  createTokenSource,
  TokenAcquisitionError,
  type TokenAcquisitionErrorCode,
} from '@mcp-m2m/core/client';

import type { Finding } from '../diagnosis.ts';
import type { FindingCode } from '../finding-code.ts';
import { failure, note } from '../findings.ts';
import type { StepResult, Walk } from '../walk.ts';
import { describeMissingCredential } from './grant.ts';
import type { Step } from './step.ts';

/** Requests a token exactly as a client does. */
export const tokenRequest: Step = {
  name: 'token_request',
  title: 'Token request',
  async run(walk) {
    const { settings, issuer } = walk;
    const { token, clientId, authentication } = settings;
    if (token !== undefined) {
      walk.concealment.add(token);
      walk.token = {
        accessToken: token,
        tokenType: settings.dpop === undefined ? 'Bearer' : 'DPoP',
        scopes: [],
        expiresAt: undefined,
      };
      return { skipped: true, received: 'the token that was given is used' };
    }
    if (clientId === undefined || authentication === undefined) {
      return {
        ...describeMissingCredential(walk),
        findings: [
          note(
            'credential_needed',
            'As far as a client comes without a credential, the way is open.',
            'Give a client id and a secret or key to have a token requested and the tools listed.',
          ),
        ],
      };
    }
    if (issuer === undefined) return { skipped: true, received: 'no authorization server is known' };
    return await requestToken(walk, { issuer, clientId, authentication });
  },
};

async function requestToken(
  walk: Walk,
  {
    issuer,
    clientId,
    authentication,
  }: Required<Pick<Parameters<typeof createTokenSource>[0], 'clientId' | 'authentication'>> & {
    issuer: string;
  },
): Promise<StepResult> {
  const { settings, recorder, signal } = walk;
  const { resource, grant, provider, scopes, dpop, now, tokenParameters, timeoutMilliseconds } = settings;
  const sent = `POST ${walk.authorizationServer?.tokenEndpoint ?? issuer} as client ${clientId}, grant ${grant?.grantType ?? 'client_credentials'}, resource ${settings.dangerouslyOmitResource === true ? 'left out' : resource}`;
  try {
    walk.tokenSource = createTokenSource({
      resource,
      issuer,
      clientId,
      authentication,
      grant,
      provider,
      scopes,
      dpop,
      now,
      tokenParameters,
      timeoutMilliseconds,
      dangerouslyOmitResource: settings.dangerouslyOmitResource,
      fetch: recorder.fetch,
    });
    const token = await walk.tokenSource.getToken({ signal });
    walk.concealment.add(token.accessToken);
    walk.token = token;
    return {
      sent,
      expected: 'an access token',
      received: `a ${token.tokenType} token, ${describeLifetime(token.expiresAt, now())}, scopes ${token.scopes.join(' ') || 'none named'}`,
    };
  } catch (error) {
    if (!(error instanceof TokenAcquisitionError)) throw error;
    const { expected, received, server } = error;
    return {
      sent: error.step === 'token_request' || error.step === 'token_response' ? sent : `${sent} (${server})`,
      expected,
      received,
      findings: [findingOf(error, walk)],
    };
  }
}

function describeLifetime(expiresAt: number | undefined, now: number): string {
  if (expiresAt === undefined) return 'lifetime not said';
  return `${Math.round(expiresAt - now / 1000)} seconds`;
}

function findingOf(error: TokenAcquisitionError, walk: Walk): Finding {
  const { dpop } = walk.settings;
  if (dpop === undefined && (error.code === 'use_dpop_nonce' || error.code === 'invalid_dpop_proof')) {
    return failure(
      'dpop_required',
      `The authorization server issues tokens to this client only if they are bound to a key (DPoP): ${error.received}.`,
      'Give the client a key for it: dpop: createDpop(), or --dpop on the command line.',
    );
  }
  const code = CODES[error.code];
  // To the token endpoint, an assertion that stands for the client and one that is a grant are two things.
  const ofAssertion = code === 'credential_refused' && error.hint.includes('clock');
  return failure(
    ofAssertion ? 'assertion_refused' : code,
    `${MESSAGES[code] ?? 'No token was issued'}: ${error.received}.`,
    error.hint,
  );
}

const MESSAGES: Partial<Record<FindingCode, string>> = {
  credential_refused:
    'The authorization server does not accept the credential (wrong, expired, disabled, or of another client)',
  credential_unusable: 'The credential cannot be used from here',
  grant_refused: 'The authorization server does not let this client use the grant',
  assertion_refused: 'The authorization server does not accept the assertion',
  scope_refused: 'The authorization server does not give this client the scopes',
  resource_refused: 'The authorization server issues no tokens for this MCP server to this client',
  request_refused: 'The authorization server refuses the token request',
  proof_refused: 'The authorization server does not accept the DPoP proof',
  token_endpoint_failing: 'The token endpoint fails',
  token_response_invalid: 'The token endpoint answers with something that is no token',
  timed_out: 'The token endpoint does not answer in time',
};

const CODES: Readonly<Record<TokenAcquisitionErrorCode, FindingCode>> = {
  metadata_not_found: 'resource_metadata_missing',
  metadata_unavailable: 'server_failing',
  metadata_invalid: 'authorization_server_metadata_invalid',
  metadata_mismatch: 'issuer_mismatch',
  untrusted_url: 'authorization_server_metadata_invalid',
  issuer_not_listed: 'issuer_not_listed',
  token_endpoint_missing: 'token_endpoint_missing',
  grant_not_supported: 'grant_not_offered',
  authentication_method_not_supported: 'authentication_method_not_offered',
  signing_algorithm_not_supported: 'signing_algorithm_not_offered',
  client_authentication_failed: 'credential_unusable',
  assertion_unavailable: 'credential_unusable',
  timeout: 'timed_out',
  unreachable: 'unreachable',
  unavailable: 'token_endpoint_failing',
  redirected: 'redirected',
  invalid_client: 'credential_refused',
  invalid_dpop_proof: 'proof_refused',
  invalid_grant: 'assertion_refused',
  invalid_request: 'request_refused',
  invalid_scope: 'scope_refused',
  invalid_target: 'resource_refused',
  unauthorized_client: 'grant_refused',
  unsupported_grant_type: 'grant_not_offered',
  token_request_refused: 'request_refused',
  token_response_invalid: 'token_response_invalid',
  token_type_not_supported: 'token_response_invalid',
  use_dpop_nonce: 'proof_refused',
};
