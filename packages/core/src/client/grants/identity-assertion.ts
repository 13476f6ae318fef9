import { decodeJwt, decodeProtectedHeader } from 'jose';
import { kindOf, printable } from '../../printable-text.ts';
import { TOKEN_TYPES } from './token-types.ts';

/** `typ` of an identity assertion authorization grant. */
const MEDIA_TYPE = 'oauth-id-jag+jwt';

/** What an ID-JAG must say to be handed on. */
export interface IdentityAssertionExpectation {
  /** The MCP server's authorization server: the only one it may be shown to. */
  readonly audience: string;
  /** The client's id there. */
  readonly clientId: string;
  readonly resource: string;
  /** Thumbprint of the key of our DPoP proofs, where there are any. */
  readonly dpopThumbprint: string | undefined;
  /** In milliseconds since the epoch. */
  readonly now: number;
}

/** What is wrong with an answer, in words; neither holds the assertion. */
export interface Mismatch {
  readonly expected: string;
  readonly received: string;
}

/**
 * Takes the ID-JAG out of an identity provider's answer to a token exchange, and reads whether it is one that may
 * be handed on.
 *
 * Does not verify its signature: that is for the authorization server it is made for.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant#section-4.3 | ID-JAG §4.3},
 *   {@link https://www.rfc-editor.org/rfc/rfc8693#section-2.2.1 | RFC 8693 §2.2.1}
 */
export function readIdentityAssertion(
  document: Readonly<Record<string, unknown>> | undefined,
  expectation: IdentityAssertionExpectation,
): { readonly assertion: string } | Mismatch {
  if (document === undefined) return { expected: 'a JSON object in UTF-8', received: 'something else' };
  const { access_token: assertion, issued_token_type: issuedType, token_type: tokenType } = document;
  if (issuedType !== TOKEN_TYPES.idJag) {
    return { expected: `"issued_token_type": "${TOKEN_TYPES.idJag}"`, received: printable(issuedType) };
  }
  if (typeof tokenType !== 'string' || tokenType.toLowerCase() !== 'n_a') {
    return { expected: '"token_type": "N_A"', received: printable(tokenType) };
  }
  if (typeof assertion !== 'string')
    return { expected: '"access_token": an ID-JAG', received: kindOf(assertion) };
  const parts = decode(assertion);
  if (parts === undefined) return { expected: 'an ID-JAG: a signed JWT', received: 'something else' };
  return mismatchOf(parts, expectation) ?? { assertion };
}

function mismatchOf(
  { typ, claims }: { typ: unknown; claims: Readonly<Record<string, unknown>> },
  { audience, clientId, resource, dpopThumbprint, now }: IdentityAssertionExpectation,
): Mismatch | undefined {
  if (typ !== MEDIA_TYPE && typ !== `application/${MEDIA_TYPE}`) {
    return { expected: `an ID-JAG of the type "${MEDIA_TYPE}"`, received: printable(typ) };
  }
  // A second audience could present it too.
  const named: unknown =
    Array.isArray(claims.aud) && claims.aud.length === 1 ? (claims.aud as unknown[])[0] : claims.aud;
  if (named !== audience) {
    return {
      expected: `an ID-JAG for the audience ${printable(audience)} alone`,
      received: printable(claims.aud),
    };
  }
  if (claims.client_id !== clientId) {
    return {
      expected: `an ID-JAG for the client ${printable(clientId)}`,
      received: printable(claims.client_id),
    };
  }
  const resources = claims.resource === undefined ? [resource] : [claims.resource].flat();
  if (!resources.includes(resource)) {
    return {
      expected: `an ID-JAG for the resource ${printable(resource)}`,
      received: printable(claims.resource),
    };
  }
  if (typeof claims.exp !== 'number' || claims.exp * 1000 <= now) {
    return { expected: 'an ID-JAG that has not expired', received: `"exp": ${printable(claims.exp)}` };
  }
  const { cnf } = claims;
  if (cnf === undefined) return undefined;
  const bound = typeof cnf === 'object' && cnf !== null ? (cnf as { jkt?: unknown }).jkt : undefined;
  return bound !== undefined && bound === dpopThumbprint
    ? undefined
    : {
        expected: 'an ID-JAG that is bound to no key, or to that of the option dpop',
        received: 'one that is bound to another key',
      };
}

function decode(assertion: string): { typ: unknown; claims: Readonly<Record<string, unknown>> } | undefined {
  try {
    return { typ: decodeProtectedHeader(assertion).typ, claims: decodeJwt(assertion) };
  } catch {
    return undefined;
  }
}
