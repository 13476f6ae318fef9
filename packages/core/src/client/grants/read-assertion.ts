import { ClientSecretError } from '../../client-authentication/client-secret.ts';
import { withoutSecrets } from '../../document-error.ts';
import { printable } from '../../printable-text.ts';
import { untilAborted } from '../../until-aborted.ts';
import { assertionUnavailable, TokenAcquisitionError } from '../token-acquisition-error.ts';
import { AssertionSourceError, type AssertionSource } from './assertion-source.ts';
import type { GrantContext } from './authorization-grant.ts';

/** Longer than any assertion is, and short enough for a form. */
const MOST_CHARACTERS = 16_384;

/** What can be sent as an assertion. */
export const PRESENTABLE_ASSERTION = `printable ASCII without spaces, at most ${MOST_CHARACTERS} characters`;

/** Tells whether a value is {@link PRESENTABLE_ASSERTION}. */
export function isPresentableAssertion(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MOST_CHARACTERS && /^[\x21-\x7e]+$/.test(value);
}

/**
 * Asks a source for its assertion, within the time of the whole acquisition.
 *
 * Does not read what is in it: that is for the authorization server.
 *
 * @throws TokenAcquisitionError `assertion_unavailable` or `timeout`
 */
export async function readAssertion(source: AssertionSource, context: GrantContext): Promise<string> {
  const { concealment, budget, resource } = context;
  const signal = AbortSignal.timeout(budget.remainingMilliseconds());
  const about = { step: 'assertion', resource, server: source.name } as const;
  const expected = `an assertion from ${source.name}`;
  let assertion: unknown;
  try {
    assertion = await untilAborted(
      source.getAssertion({
        audience: context.issuer,
        clientId: context.clientId,
        resource,
        now: context.now,
        signal,
        conceal: (value) => concealment.add(value),
      }),
      signal,
    );
  } catch (cause) {
    if (cause instanceof TokenAcquisitionError) throw cause;
    if (cause instanceof AssertionSourceError) {
      throw assertionUnavailable(cause, {
        ...about,
        server: `${source.name}, ${withoutSecrets(cause.from)}`,
      });
    }
    throw new TokenAcquisitionError(signal.aborted ? 'timeout' : 'assertion_unavailable', {
      ...about,
      expected: signal.aborted ? `${expected} within ${budget.totalMilliseconds} ms in all` : expected,
      received: signal.aborted ? 'none' : 'an error',
      // The message of any other may hold what nobody else knows to be secret.
      cause: cause instanceof ClientSecretError ? cause : concealment.standInFor(cause),
    });
  }
  if (typeof assertion === 'string') concealment.add(assertion);
  if (!isPresentableAssertion(assertion)) {
    throw new TokenAcquisitionError('assertion_unavailable', {
      ...about,
      expected: `${expected}: ${PRESENTABLE_ASSERTION}`,
      received: typeof assertion === 'string' ? `${assertion.length} characters` : printable(assertion),
    });
  }
  return assertion;
}

/** A function given in place of a source. */
export type AssertionFunction = AssertionSource['getAssertion'];

/**
 * Validates a configured source; a function is one too.
 *
 * @throws TypeError naming the option
 */
export function toAssertionSource(value: unknown, option: string): AssertionSource {
  if (typeof value === 'function')
    return { name: `the function given as ${option}`, getAssertion: value as AssertionFunction };
  const source = value as Partial<AssertionSource> | null | undefined;
  if (
    typeof source === 'object' &&
    source !== null &&
    typeof source.getAssertion === 'function' &&
    typeof source.name === 'string'
  ) {
    return source as AssertionSource;
  }
  throw new TypeError(
    `${option} must be a source such as kubernetesServiceAccountToken(), or a function that returns the assertion.`,
  );
}
