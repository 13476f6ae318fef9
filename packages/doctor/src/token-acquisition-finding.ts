import type { TokenAcquisitionError, TokenAcquisitionErrorCode } from '@mcp-m2m/core/client';

import type { Finding } from './diagnosis.ts';
import type { FindingCode } from './finding-code.ts';
import { failure } from './findings.ts';
import { providerOf } from './provider.ts';
import type { Walk } from './walk.ts';

/** Says why there is no token. */
export function explainAcquisition(error: TokenAcquisitionError, walk: Walk): Finding {
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
  const shown = ofAssertion ? 'assertion_refused' : code;
  const fix = shown === 'credential_refused' ? `${error.hint}${whereTheReasonIs(walk)}` : error.hint;
  return failure(shown, `${MESSAGES[shown] ?? 'No token was issued'}: ${error.received}.`, fix);
}

/** Nobody outside is told which of these it is, and nobody should be. */
function whereTheReasonIs(walk: Walk): string {
  if (providerOf(walk) !== undefined) return '';
  const { clientId = '' } = walk.settings;
  const client = /^[\w.:@/-]{1,100}$/.test(clientId) ? ` --client ${clientId}` : '';
  return ` Which of these it is, an administrator of the authorization server sees in its audit trail or log; with mcp-m2m: mcp-m2m audit list --type token_refused${client}.`;
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
