import { startDeadline } from '../../deadline.ts';
import { untilAborted } from '../../until-aborted.ts';
import type { VerifiedToken } from '../access-token.ts';
import { VerificationFailure } from '../verification-failure.ts';
import type { StatusListCheck } from './status-list-check.ts';

/** A verified token, as the `isRevoked` hook sees it. */
export interface RevocationSubject {
  readonly issuer: string;
  /** The token's own id, where it has one. */
  readonly jti: string | undefined;
  readonly clientId: string;
  readonly subject: string;
  /** Seconds since the epoch. */
  readonly issuedAt: number | undefined;
  readonly expiresAt: number;
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * Tells whether a token was withdrawn. Asked on every request, so keep what it looks up in memory.
 *
 * Any other answer than `true` and `false`, and none in time, counts as not being able to tell.
 *
 * @throws anything when it cannot tell: the request is then answered 503
 */
export type IsRevoked = (token: RevocationSubject) => boolean | Promise<boolean>;

/**
 * Refuses revoked tokens. Answers without a promise when nothing has to be waited for.
 *
 * @throws VerificationFailure `token_revoked` or `revocation_unavailable`
 */
export type RevocationCheck = (verified: VerifiedToken) => undefined | Promise<void>;

/**
 * Creates the check out of the user's hook and status lists, each where it is there.
 *
 * @param timeoutMilliseconds - how long the hook is waited for
 */
export function createRevocationCheck(
  isRevoked: IsRevoked | undefined,
  checkStatus: StatusListCheck | undefined,
  timeoutMilliseconds: number,
): RevocationCheck {
  const statusOf: RevocationCheck = (verified) =>
    verified.claims.status === undefined ? undefined : checkStatus?.(verified);
  if (isRevoked === undefined) return statusOf;

  const finish = async (answer: Promise<unknown>, verified: VerifiedToken): Promise<void> => {
    const { signal, stop } = startDeadline(timeoutMilliseconds);
    let revoked: unknown;
    try {
      revoked = await untilAborted(answer, signal);
    } catch (cause) {
      throw revocationUnavailable('an answer of isRevoked', 'a failure, or none in time', cause);
    } finally {
      stop();
    }
    assertNotRevoked(revoked);
    await statusOf(verified);
  };

  return (verified) => {
    const answer = ask(isRevoked, verified);
    if (!(answer instanceof Promise)) {
      assertNotRevoked(answer);
      return statusOf(verified);
    }
    return finish(answer, verified);
  };
}

/** The hook's answer, as a real promise where it is one of any kind. */
function ask(isRevoked: IsRevoked, verified: VerifiedToken): unknown {
  try {
    const answer: unknown = isRevoked(subjectOf(verified));
    return typeof answer === 'object' && answer !== null && 'then' in answer
      ? Promise.resolve(answer)
      : answer;
  } catch (cause) {
    throw revocationUnavailable('an answer of isRevoked', 'a failure', cause);
  }
}

function assertNotRevoked(answer: unknown): void {
  if (answer === false) return;
  if (answer === true) throw tokenRevoked('isRevoked');
  // Whatever is not clearly "no" is no permission.
  throw revocationUnavailable('true or false from isRevoked', answer === null ? 'null' : typeof answer);
}

function subjectOf({ issuer, period, claims, profiled }: VerifiedToken): RevocationSubject {
  return {
    issuer: issuer.issuer,
    jti: typeof claims.jti === 'string' ? claims.jti : undefined,
    clientId: profiled.clientId,
    subject: profiled.subject,
    issuedAt: period.issuedAt,
    expiresAt: period.expiresAt,
    claims,
  };
}

/** A token that was withdrawn before its time, or for the time being. */
export function tokenRevoked(by: string): VerificationFailure {
  return new VerificationFailure('token_revoked', {
    expected: 'a token that is not revoked',
    received: `one that is, by ${by}`,
    description: 'The access token was revoked or suspended.',
  });
}

/** Whether a token was withdrawn cannot be told. */
export function revocationUnavailable(
  expected: string,
  received: string,
  cause?: unknown,
): VerificationFailure {
  return new VerificationFailure('revocation_unavailable', {
    expected,
    received,
    description: 'Whether the access token was revoked cannot be told at the moment.',
    cause,
  });
}
