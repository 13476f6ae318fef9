import { decodeJwt, errors, jwtVerify, type JWTPayload } from 'jose';
import type { TestClient } from './client-registry.ts';
import { OAuthError } from './oauth-error.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'RS256', 'PS256', 'EdDSA'];
const CLOCK_TOLERANCE_SECONDS = 60;
const TYPES: ReadonlySet<string | undefined> = new Set([undefined, 'JWT', 'client-authentication+jwt']);

/** What an assertion is checked against. */
export interface AssertionContext {
  readonly issuer: string;
  readonly clients: ReadonlyMap<string, TestClient>;
  /** Every `jti` accepted so far, as `client jti`; the assertion's is added. */
  readonly usedAssertions: Set<string>;
  readonly now: () => number;
}

/**
 * Authenticates a client by `private_key_jwt`: issuer and subject are the client, the issuer of the authority is
 * the sole audience, and the assertion is signed by the registered key, has not expired and is not a replay.
 *
 * @throws OAuthError `invalid_client` that says which rule was broken
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 | RFC 7523 §3}
 */
export async function verifyClientAssertion(
  form: URLSearchParams,
  { issuer, clients, usedAssertions, now }: AssertionContext,
): Promise<TestClient> {
  if (form.get('client_assertion_type') !== ASSERTION_TYPE) {
    throw new OAuthError('invalid_client', `client_assertion_type must be ${ASSERTION_TYPE}.`);
  }
  const assertion = form.get('client_assertion') ?? '';
  const client = clients.get(form.get('client_id') ?? readSubject(assertion) ?? '');
  if (client?.publicKey === undefined) {
    throw new OAuthError('invalid_client', 'The assertion names no client with a registered key.');
  }
  const payload = await verify(assertion, client.publicKey, client.clientId, now);
  const audience = Array.isArray(payload.aud) ? payload.aud : [payload.aud];
  if (audience.length !== 1 || audience[0] !== issuer) {
    throw new OAuthError('invalid_client', `The assertion's sole audience must be ${issuer}.`);
  }
  const use = JSON.stringify([client.clientId, payload.jti]);
  if (usedAssertions.has(use)) throw new OAuthError('invalid_client', 'The assertion was used before.');
  usedAssertions.add(use);
  return client;
}

async function verify(
  assertion: string,
  publicKey: NonNullable<TestClient['publicKey']>,
  clientId: string,
  now: () => number,
): Promise<JWTPayload> {
  try {
    const { payload, protectedHeader } = await jwtVerify(assertion, publicKey, {
      algorithms: ALGORITHMS,
      issuer: clientId,
      subject: clientId,
      requiredClaims: ['exp', 'jti', 'aud'],
      currentDate: new Date(now()),
    });
    if (!TYPES.has(protectedHeader.typ)) {
      throw new OAuthError('invalid_client', `The assertion's typ must be client-authentication+jwt or JWT.`);
    }
    if (payload.iat !== undefined && payload.iat > now() / 1000 + CLOCK_TOLERANCE_SECONDS) {
      throw new OAuthError('invalid_client', 'The assertion was issued in the future.');
    }
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) {
      throw new OAuthError('invalid_client', `The assertion was refused: ${error.message}`);
    }
    throw error;
  }
}

function readSubject(assertion: string): string | undefined {
  try {
    return decodeJwt(assertion).sub;
  } catch {
    return undefined;
  }
}
