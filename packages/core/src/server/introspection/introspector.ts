import type { VerifiedToken } from '../access-token.ts';
import { DocumentError } from '../../document-error.ts';
import type { TokenMembers } from '../profiles/token-profile.ts';
import type { TrustedIssuer } from '../trusted-issuer.ts';
import { VerificationFailure } from '../verification-failure.ts';
import { createAnswerMemory } from './answer-memory.ts';
import { readIntrospectedToken } from './introspected-token.ts';
import type { Introspect } from './introspection-request.ts';

/**
 * Verifies tokens by asking their issuer.
 *
 * @param ownClaims - the unverified claims of the token, where it is a JWT
 */
export type Introspector = (token: string, ownClaims?: TokenMembers) => Promise<VerifiedToken>;

/** How {@link createIntrospector} asks and remembers. */
export interface IntrospectorOptions {
  readonly introspect: Introspect;
  readonly issuer: TrustedIssuer;
  readonly cacheSeconds: number;
  readonly now: () => number;
  readonly clockToleranceSeconds: number;
}

const MAX_TOKEN_LENGTH = 8192;
const GOOD_BOUNDS = { maxEntries: 10_000, maxWeight: 33_554_432 };
const REFUSED_BOUNDS = { maxEntries: 1000, maxWeight: 4_194_304 };
/** What an entry takes beside its token and its claims, in bytes: more for a refusal, which is an error. */
const ENTRY_WEIGHT = 2048;
/** Claims as objects take about this many times their length as JSON. */
const BYTES_PER_CHARACTER = 4;
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
  const good = createAnswerMemory(GOOD_BOUNDS, now);
  const refused = createAnswerMemory(REFUSED_BOUNDS, now);
  const inFlight = new Map<string, Promise<VerifiedToken>>();
  const refusedSeconds = Math.min(REFUSED_LIFETIME_SECONDS, cacheSeconds);

  const ask = async (token: string, ownClaims: TokenMembers | undefined): Promise<VerifiedToken> => {
    let answer: TokenMembers;
    try {
      answer = await introspect(token);
    } catch (cause) {
      throw unavailable(issuer.issuer, cause);
    }
    return readIntrospectedToken(answer, {
      issuer,
      ownClaims,
      nowSeconds: now() / 1000,
      toleranceSeconds: clockToleranceSeconds,
      lifetimeSeconds: TOKEN_LIFETIME_SECONDS,
    });
  };

  const keepGood = (
    token: string,
    result: Promise<VerifiedToken>,
    { period, claims }: VerifiedToken,
  ): void => {
    const weight = ENTRY_WEIGHT + token.length + BYTES_PER_CHARACTER * JSON.stringify(claims).length;
    refused.forget(token);
    good.set(token, result, Math.min(now() + cacheSeconds * 1000, period.expiresAt * 1000), weight);
  };

  const keepRefused = (token: string, result: Promise<VerifiedToken>, error: unknown): void => {
    if (!(error instanceof VerificationFailure) || error.reason === 'issuer_unavailable') return;
    good.forget(token);
    refused.set(token, result, now() + refusedSeconds * 1000, ENTRY_WEIGHT + token.length);
  };

  const start = (token: string, ownClaims: TokenMembers | undefined): Promise<VerifiedToken> => {
    if (inFlight.size >= MAX_IN_FLIGHT)
      throw unavailable(issuer.issuer, new Error('too many questions at a time'));
    const result = ask(token, ownClaims).finally(() => inFlight.delete(token));
    inFlight.set(token, result);
    result.then(
      (verified) => keepGood(token, result, verified),
      (error: unknown) => keepRefused(token, result, error),
    );
    return result;
  };

  return async (token, ownClaims) => {
    if (token.length > MAX_TOKEN_LENGTH) throw tooLong(token.length);
    return good.get(token) ?? refused.get(token) ?? inFlight.get(token) ?? start(token, ownClaims);
  };
}

function tooLong(length: number): VerificationFailure {
  return new VerificationFailure('token_malformed', {
    expected: `at most ${MAX_TOKEN_LENGTH} characters`,
    received: `${length} characters`,
    description: 'The access token is too long.',
  });
}

function unavailable(issuer: string, cause: unknown): VerificationFailure {
  const document = cause instanceof DocumentError ? cause : undefined;
  const refusesUs = document?.status === 401 || document?.status === 403;
  return new VerificationFailure('issuer_unavailable', {
    expected: refusesUs
      ? `introspection.clientId and introspection.authentication that ${issuer} accepts`
      : (document?.expected ?? `an answer of the introspection endpoint of ${issuer}`),
    received: describe(cause),
    description: 'The authorization server cannot be asked about the access token at the moment.',
    retryAfterSeconds: Math.min(60, Math.max(1, document?.retryAfterSeconds ?? 5)),
    cause,
  });
}

/** A foreign error may quote what it was given, so its message stays behind. */
function describe(cause: unknown): string {
  if (cause instanceof DocumentError) return cause.received;
  if (cause instanceof VerificationFailure) return cause.details.received ?? cause.reason;
  return cause instanceof Error && cause.name === 'TimeoutError' ? 'none in time' : 'a failure';
}
