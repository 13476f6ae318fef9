import type { VerifiedToken } from '../access-token.ts';
import { DocumentError } from '../../document-error.ts';
import type { TrustedIssuer } from '../trusted-issuer.ts';
import { VerificationFailure } from '../verification-failure.ts';
import { readIntrospectedToken } from './introspected-token.ts';
import type { Introspect } from './introspection-request.ts';

/** Verifies tokens by asking their issuer. */
export type Introspector = (token: string) => Promise<VerifiedToken>;

/** How {@link createIntrospector} asks and remembers. */
export interface IntrospectorOptions {
  readonly introspect: Introspect;
  readonly issuer: TrustedIssuer;
  readonly cacheSeconds: number;
  readonly now: () => number;
  readonly clockToleranceSeconds: number;
}

interface Remembered {
  readonly result: Promise<VerifiedToken>;
  /** Milliseconds since the epoch. */
  until: number;
}

const MAX_TOKEN_LENGTH = 8192;
const MAX_ENTRIES = 10_000;
/** How long a refused token is refused again without asking. Short: it may have been too early, not wrong. */
const REFUSED_LIFETIME_SECONDS = 5;
/** More questions than this at a time are not asked: random tokens must not become load on the issuer. */
const MAX_IN_FLIGHT = 100;
const TOKEN_LIFETIME_SECONDS = 60;

/**
 * Creates the verification of opaque tokens: one question for one token at a time, answers remembered
 * shortly and never beyond the token's expiry.
 *
 * Refused tokens are kept apart from good ones, so that random ones cannot push those out.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-4 | RFC 7662 §4}
 */
export function createIntrospector(options: IntrospectorOptions): Introspector {
  const { introspect, issuer, cacheSeconds, now, clockToleranceSeconds } = options;
  const good = new Map<string, Remembered>();
  const refused = new Map<string, Remembered>();
  const inFlight = new Map<string, Promise<VerifiedToken>>();

  const ask = async (token: string): Promise<VerifiedToken> => {
    let answer: Readonly<Record<string, unknown>>;
    try {
      answer = await introspect(token);
    } catch (cause) {
      throw unavailable(issuer.issuer, cause);
    }
    return readIntrospectedToken(answer, issuer, {
      nowSeconds: now() / 1000,
      toleranceSeconds: clockToleranceSeconds,
      lifetimeSeconds: TOKEN_LIFETIME_SECONDS,
    });
  };

  const keep = (
    memory: Map<string, Remembered>,
    token: string,
    result: Promise<VerifiedToken>,
    until: number,
  ): void => {
    memory.delete(token);
    for (const oldest of memory.keys()) {
      if (memory.size < MAX_ENTRIES) break;
      memory.delete(oldest);
    }
    if (until > now()) memory.set(token, { result, until });
  };

  const start = (token: string): Promise<VerifiedToken> => {
    if (inFlight.size >= MAX_IN_FLIGHT)
      throw unavailable(issuer.issuer, new Error('too many questions at a time'));
    const result = ask(token).finally(() => inFlight.delete(token));
    inFlight.set(token, result);
    result.then(
      ({ period }) =>
        keep(good, token, result, Math.min(now() + cacheSeconds * 1000, period.expiresAt * 1000)),
      (error: unknown) => {
        const final = error instanceof VerificationFailure && error.reason !== 'issuer_unavailable';
        if (final)
          keep(refused, token, result, now() + Math.min(REFUSED_LIFETIME_SECONDS, cacheSeconds) * 1000);
      },
    );
    return result;
  };

  return async (token) => {
    if (token.length > MAX_TOKEN_LENGTH) {
      throw new VerificationFailure('token_malformed', {
        expected: `at most ${MAX_TOKEN_LENGTH} characters`,
        received: `${token.length} characters`,
        description: 'The access token is too long.',
      });
    }
    const known = good.get(token) ?? refused.get(token);
    if (known !== undefined && now() < known.until) return known.result;
    return inFlight.get(token) ?? start(token);
  };
}

function unavailable(issuer: string, cause: unknown): VerificationFailure {
  const document = cause instanceof DocumentError ? cause : undefined;
  return new VerificationFailure('issuer_unavailable', {
    expected: document?.expected ?? `an answer of the introspection endpoint of ${issuer}`,
    // A foreign error may quote what it was given, so its message stays behind.
    received: document?.received ?? 'a failure',
    description: 'The authorization server cannot be asked about the access token at the moment.',
    retryAfterSeconds: Math.min(60, Math.max(1, document?.retryAfterSeconds ?? 5)),
    cause,
  });
}
