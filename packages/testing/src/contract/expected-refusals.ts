import type { ExpectedRefusal } from './expected-answer.ts';

const ALGS = 'algs="ES256 ES384 EdDSA Ed25519 PS256 RS256"';

export const NO_CREDENTIALS: ExpectedRefusal = {
  status: 401,
  challenge: 'Bearer scope="deploy:read", resource_metadata="<metadata>"',
  body: '{"error_description":"This MCP server needs an access token. How to get one is described at <metadata>"}',
};

/** Where DPoP is offered beside Bearer. */
export const NO_CREDENTIALS_OR_PROOF: ExpectedRefusal = {
  ...NO_CREDENTIALS,
  challenge: `Bearer scope="deploy:read", resource_metadata="<metadata>", DPoP ${ALGS}`,
};

/** Where DPoP is required. */
export const NO_CREDENTIALS_AND_PROOF: ExpectedRefusal = {
  ...NO_CREDENTIALS,
  challenge: `DPoP scope="deploy:read", resource_metadata="<metadata>", ${ALGS}`,
};

export const REPEATED_CREDENTIALS = refusedRequest(
  'The request carries more than one credential in the Authorization header; send exactly one.',
);

export const MALFORMED_CREDENTIALS = refusedRequest(
  'The Authorization header must be "Bearer", a space and one access token.',
);

export const KEYS_UNAVAILABLE: ExpectedRefusal = {
  status: 503,
  body: '{"error":"temporarily_unavailable","error_description":"The keys of the authorization server cannot be fetched at the moment."}',
  patterns: { 'retry-after': /^[1-9]\d*$/ },
};

export const SESSION_NOT_FOUND: ExpectedRefusal = {
  status: 404,
  body: '{"jsonrpc":"2.0","error":{"code":-32600,"message":"Session not found; start a new one.","data":{"reason":"session_of_another"}}}',
};

export const BODY_NOT_JSON: ExpectedRefusal = {
  status: 400,
  body: '{"jsonrpc":"2.0","error":{"code":-32700,"message":"The request body is not valid JSON in UTF-8.","data":{"reason":"body_not_json"}}}',
};

export const BODY_NOT_JSON_RPC: ExpectedRefusal = {
  status: 400,
  body: '{"jsonrpc":"2.0","error":{"code":-32600,"message":"The request body is not a JSON-RPC message that names what it works on, or a batch of 1 to 100 of them.","data":{"reason":"body_not_json_rpc"}}}',
};

export const BODY_TOO_LARGE: ExpectedRefusal = {
  status: 413,
  body: '{"jsonrpc":"2.0","error":{"code":-32600,"message":"The request body is too large.","data":{"reason":"body_too_large"}}}',
};

export const MEDIA_TYPE_NOT_SUPPORTED: ExpectedRefusal = {
  status: 415,
  body: '{"jsonrpc":"2.0","error":{"code":-32600,"message":"The request body must be JSON, with the header Content-Type: application/json.","data":{"reason":"media_type_not_supported"}}}',
};

/** No scope is named: it is the request that is wrong. */
export const TOKEN_IN_HEADER_AND_BODY: ExpectedRefusal = {
  status: 400,
  challenge:
    'Bearer error="invalid_request", error_description="The request carries access tokens in its header and in its body; send exactly one, in the header.", resource_metadata="<metadata>"',
  body: '{"error":"invalid_request","error_description":"The request carries access tokens in its header and in its body; send exactly one, in the header."}',
};

const NEEDS_WRITE_CHALLENGE =
  'Bearer error="insufficient_scope", error_description="This request needs the scopes \'deploy:read\', \'deploy:write\'; the access token lacks \'deploy:write\'.", scope="deploy:read deploy:write", resource_metadata="<metadata>"';

/**
 * The scope `deploy:write` is missing.
 *
 * @param id - the member `id` as it is written, with a comma behind it, or nothing
 */
export function needsWrite(id: string): ExpectedRefusal {
  return {
    status: 403,
    challenge: NEEDS_WRITE_CHALLENGE,
    body: `{"jsonrpc":"2.0",${id}"error":{"code":40300,"message":"This request needs the scopes \\"deploy:read\\", \\"deploy:write\\"; the access token lacks \\"deploy:write\\".","data":{"reason":"scope_insufficient","scopes":["deploy:read","deploy:write"],"missing":["deploy:write"]}}}`,
  };
}

/** The base scope is missing; `id` as in {@link needsWrite}. */
export function needsRead(id: string): ExpectedRefusal {
  return {
    status: 403,
    challenge:
      'Bearer error="insufficient_scope", error_description="This request needs the scope \'deploy:read\'; the access token lacks \'deploy:read\'.", scope="deploy:read", resource_metadata="<metadata>"',
    body: `{"jsonrpc":"2.0",${id}"error":{"code":40300,"message":"This request needs the scope \\"deploy:read\\"; the access token lacks \\"deploy:read\\".","data":{"reason":"scope_insufficient","scopes":["deploy:read"],"missing":["deploy:read"]}}}`,
  };
}

/** A token as Bearer that is not accepted. */
export function refusedToken(sentence: string): ExpectedRefusal {
  return refuse(401, 'Bearer', 'invalid_token', sentence, '');
}

/** A token that is not accepted, where a proof of possession is needed. */
export function refusedBoundToken(sentence: string): ExpectedRefusal {
  return refuse(401, 'DPoP', 'invalid_token', sentence, `, ${ALGS}`);
}

/** A proof of possession that is not accepted. */
export function refusedProof(sentence: string, error = 'invalid_dpop_proof'): ExpectedRefusal {
  return refuse(401, 'DPoP', error, sentence, `, ${ALGS}`);
}

function refusedRequest(sentence: string): ExpectedRefusal {
  return refuse(400, 'Bearer', 'invalid_request', sentence, '');
}

/** A challenge cannot hold quotation marks (RFC 6750 §3): they become apostrophes. */
function refuse(
  status: number,
  scheme: string,
  error: string,
  sentence: string,
  algs: string,
): ExpectedRefusal {
  const description = sentence.replaceAll('"', "'");
  return {
    status,
    challenge: `${scheme} error="${error}", error_description="${description}", scope="deploy:read", resource_metadata="<metadata>"${algs}`,
    body: JSON.stringify({ error, error_description: sentence }),
  };
}
