import type { TokenAcquisitionErrorCode } from './token-acquisition-error.ts';

/** What a person can do about a failure, in one sentence. */
export function hintFor(code: TokenAcquisitionErrorCode): string {
  return HINTS[code];
}

/** Where a `fetch` that judges addresses refused to go there. */
export const REFUSED_ADDRESS_HINT =
  'The address is in a network that fetch was not given leave for: if the server belongs there, name its network in allowedNetworks (or set allowLoopback); otherwise nobody should be sent there.';

const HINTS: Readonly<Record<TokenAcquisitionErrorCode, string>> = {
  metadata_not_found:
    'Publish the metadata at one of these addresses, or correct the configured URL if the server is another one.',
  metadata_unavailable: 'See whether the server is up and can be reached from here.',
  metadata_invalid: 'Have the operator of that server correct the document.',
  metadata_mismatch:
    'Configure exactly the identifier that the document states, or have its operator correct the document; a document of another identity is never used.',
  untrusted_url:
    'Have the operator of that server publish an https address of its own; nothing was sent there.',
  issuer_not_listed:
    'If the credential belongs to one of the listed servers, configure that one as issuer; otherwise the MCP server does not accept tokens of this issuer.',
  token_endpoint_missing: 'Have the operator of the authorization server add token_endpoint to its metadata.',
  grant_not_supported: 'Enable the grant that this client uses at the authorization server.',
  authentication_method_not_supported:
    'Choose an authentication method that the server offers, or enable this one there.',
  signing_algorithm_not_supported:
    'Sign with an algorithm that the server offers and register that key with it.',
  client_authentication_failed:
    'Check the key or the source of the secret; the cause keeps the name and code of its error only, as the message may hold the secret.',
  assertion_unavailable:
    'Check the source of the assertion; the cause keeps the name and code of its error only, as the message may hold the assertion.',
  invalid_dpop_proof:
    'Compare the clocks of the two machines, and see in the log of the authorization server what it holds against the proof.',
  use_dpop_nonce:
    'Have the operator of the authorization server correct its nonces: it refused the one that it had just handed out.',
  timeout: 'See whether the server hangs, or raise timeoutMilliseconds if it is slow by nature.',
  unreachable: 'See whether the server is up and can be reached from here.',
  unavailable: 'The server is overloaded or broken; wait, or tell its operator.',
  redirected: 'Configure the final address; a request that carries credentials is never redirected.',
  invalid_client:
    'Check the client id and its secret or key: expired, withdrawn, rotated, or registered for another authentication method.',
  invalid_grant:
    'Check that the client is still allowed to use this grant; of an assertion, compare issuer, subject, audience and expiry with what the authorization server trusts for this client.',
  invalid_request:
    'Compare tokenParameters and the authentication method with what the server documents; the option provider sets what known identity providers want.',
  invalid_scope: 'Set scopes to those this client may have, or have an administrator grant them.',
  invalid_target:
    'Have an administrator of the authorization server register this resource, or correct the configured resource; the option provider sets what known identity providers want instead.',
  unauthorized_client: 'Have an administrator allow this client the grant that it uses.',
  unsupported_grant_type: 'Enable the grant that this client uses at the authorization server.',
  token_request_refused: "See the authorization server's log for the cause.",
  token_response_invalid: 'Have the operator of the authorization server correct its token endpoint.',
  token_type_not_supported: 'Have the authorization server issue Bearer tokens to this client.',
};
