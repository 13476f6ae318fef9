import { fetchDocument, type Fetch } from '../../bounded-document.ts';
import { startDeadline } from '../../deadline.ts';
import { DocumentError } from '../../document-error.ts';
import { untilAborted } from '../../until-aborted.ts';
import type { KeySet } from '../key-set.ts';
import type { TokenMembers } from '../profiles/token-profile.ts';
import { parseStrictJsonObject } from '../strict-json.ts';
import type { IntrospectionOptions } from './introspection-options.ts';
import { verifySignedAnswer } from './signed-answer.ts';

/** Asks about one token and returns the members of the answer, whatever they say. */
export type Introspect = (token: string) => Promise<TokenMembers>;

/** What {@link createIntrospect} needs. */
export interface IntrospectDependencies {
  readonly issuer: string;
  /** Canonical identifier of this resource. */
  readonly resource: string;
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
 *   {@link https://www.rfc-editor.org/rfc/rfc9701#section-4 | RFC 9701 §4}
 */
export function createIntrospect(dependencies: IntrospectDependencies): Introspect {
  const { issuer, resource, options, findEndpoint, keys, fetch, now, timeoutMilliseconds } = dependencies;
  const { clientId, authentication, signed = false } = options;

  const ask = async (token: string, secrets: string[], signal: AbortSignal): Promise<TokenMembers> => {
    const endpoint = await findEndpoint(signal);
    const form = new URLSearchParams({ token, token_type_hint: 'access_token' });
    const headers = new Headers({ 'content-type': 'application/x-www-form-urlencoded' });
    await authentication.authenticate(
      { headers, parameters: form, conceal: (value) => secrets.push(value) },
      { issuer, tokenEndpoint: endpoint, clientId, now },
    );
    const { bytes, contentType } = await fetchDocument(
      endpoint,
      { contentTypes: signed ? [SIGNED_TYPE] : [JSON_TYPE, SIGNED_TYPE], form, headers },
      { fetch, now, signal, timeoutMilliseconds, maxBytes: MAX_ANSWER_BYTES },
    );
    if (contentType === JSON_TYPE) return parseAnswer(endpoint, bytes);
    return verifySignedAnswer(new TextDecoder().decode(bytes).trim(), {
      issuer,
      audiences: [clientId, resource],
      keys,
      endpoint,
      maxLength: MAX_ANSWER_BYTES,
      nowSeconds: now() / 1000,
      toleranceSeconds: dependencies.clockToleranceSeconds,
    });
  };

  return async (token) => {
    // One budget for discovery, the question and the keys of a signed answer together.
    const { signal, stop } = startDeadline(timeoutMilliseconds);
    const secrets = [token];
    try {
      return await untilAborted(ask(token, secrets, signal), signal);
    } catch (error) {
      throw repeatsAny(error, secrets) ? new Error('the answer repeats what it was asked with') : error;
    } finally {
      stop();
    }
  };
}

/** An answer that is refused is described to the operator, which must not show what it may echo. */
function repeatsAny(error: unknown, secrets: readonly string[]): boolean {
  if (!(error instanceof DocumentError)) return false;
  const received = error.received.toLowerCase();
  return secrets.some((secret) => received.includes(secret.toLowerCase()));
}

function parseAnswer(url: string, bytes: Uint8Array): TokenMembers {
  const answer = parseStrictJsonObject(bytes);
  if (answer !== undefined) return answer;
  throw new DocumentError('not_json', { url, expected: 'a strict JSON object', received: 'something else' });
}
