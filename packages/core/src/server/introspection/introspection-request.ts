import { fetchDocument, type Fetch } from '../../bounded-document.ts';
import { DocumentError } from '../../document-error.ts';
import { parseJsonObject } from '../../json-document.ts';
import { printable } from '../../printable-text.ts';
import { assertValidNow, readValidityPeriod } from '../claims.ts';
import { parseCompactJws } from '../compact-jws.ts';
import { isSignatureValid } from '../jws-signature.ts';
import type { KeySet } from '../key-set.ts';
import type { IntrospectionOptions } from './introspection-options.ts';

/** Asks about one token and returns the members of the answer, whatever they say. */
export type Introspect = (token: string) => Promise<Readonly<Record<string, unknown>>>;

/** What {@link createIntrospect} needs. */
export interface IntrospectDependencies {
  readonly issuer: string;
  readonly options: IntrospectionOptions;
  /** Where to ask; discovered when it is not configured. */
  readonly findEndpoint: (signal: AbortSignal) => Promise<string>;
  /** Keys for signed answers. */
  readonly keys: KeySet;
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly timeoutMilliseconds: number;
  readonly clockToleranceSeconds: number;
}

const JSON_TYPE = 'application/json';
const SIGNED_TYPE = 'application/token-introspection+jwt';
const MAX_ANSWER_BYTES = 65_536;

/**
 * Creates the request to an introspection endpoint: authenticated, bounded in time and size, without
 * redirects, its answer verified where it is signed.
 *
 * Does not judge the answer.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-2 | RFC 7662 §2},
 *   {@link https://www.rfc-editor.org/rfc/rfc9701#section-5 | RFC 9701 §5}
 */
export function createIntrospect(dependencies: IntrospectDependencies): Introspect {
  const { issuer, options, findEndpoint, fetch, now, timeoutMilliseconds } = dependencies;
  const { clientId, authentication, signed = false } = options;

  return async (token) => {
    const signal = AbortSignal.timeout(timeoutMilliseconds);
    const endpoint = await findEndpoint(signal);
    const form = new URLSearchParams({ token, token_type_hint: 'access_token' });
    const headers = new Headers({ 'content-type': 'application/x-www-form-urlencoded' });
    await authentication.authenticate(
      // Nothing of the request gets into a message here, so there is nothing to conceal it from.
      { headers, parameters: form, conceal: () => undefined },
      { issuer, tokenEndpoint: endpoint, clientId, now },
    );
    const { bytes, contentType } = await fetchDocument(
      endpoint,
      { contentTypes: signed ? [SIGNED_TYPE] : [JSON_TYPE, SIGNED_TYPE], form, headers },
      { fetch, now, signal, timeoutMilliseconds, maxBytes: MAX_ANSWER_BYTES },
    );
    if (contentType === JSON_TYPE) return parseJsonObject(endpoint, bytes);
    return verifySignedAnswer(new TextDecoder().decode(bytes).trim(), endpoint, dependencies);
  };
}

async function verifySignedAnswer(
  text: string,
  endpoint: string,
  { issuer, options, keys, now, clockToleranceSeconds }: IntrospectDependencies,
): Promise<Readonly<Record<string, unknown>>> {
  const refuse = (expected: string, received: string): DocumentError =>
    new DocumentError('invalid_member', { url: endpoint, expected, received });
  const jws = parseCompactJws(text, MAX_ANSWER_BYTES);
  const { algorithm, keyId, header, claims } = jws;
  if (typeof header.typ !== 'string' || !/^(?:application\/)?token-introspection\+jwt$/i.test(header.typ)) {
    throw refuse('"typ": "token-introspection+jwt"', printable(header.typ));
  }
  const { cryptoKey } = await keys.find(algorithm, keyId);
  if (!(await isSignatureValid(jws, cryptoKey))) throw refuse('a valid signature', 'another');
  if (claims.iss !== issuer) throw refuse(`"iss": ${printable(issuer)}`, printable(claims.iss));
  const audiences: readonly unknown[] = Array.isArray(claims.aud) ? claims.aud : [claims.aud];
  if (!audiences.includes(options.clientId))
    throw refuse(`"aud": ${printable(options.clientId)}`, printable(claims.aud));
  if (claims.exp !== undefined)
    assertValidNow(readValidityPeriod(claims), now() / 1000, clockToleranceSeconds);
  const answer = claims.token_introspection;
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    throw refuse('"token_introspection": an object', printable(answer));
  }
  return answer as Readonly<Record<string, unknown>>;
}
