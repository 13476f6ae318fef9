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
 * @throws anything when it cannot tell: the request is then answered 503
 */
export type IsRevoked = (token: RevocationSubject) => boolean | Promise<boolean>;

/**
 * Refuses revoked tokens. Answers without a promise when nothing has to be waited for.
 *
 * @throws VerificationFailure `token_revoked` or `revocation_unavailable`
 */
export type RevocationCheck = (verified: VerifiedToken) => undefined | Promise<void>;

/** Creates the check out of the user's hook and status lists, each where it is there. */
export function createRevocationCheck(
  isRevoked: IsRevoked | undefined,
  checkStatus: StatusListCheck | undefined,
): RevocationCheck {
  const ask = async (verified: VerifiedToken): Promise<void> => {
    let revoked: unknown;
    try {
      revoked = await isRevoked?.(subjectOf(verified));
    } catch (cause) {
      throw revocationUnavailable('an answer of isRevoked', 'a failure', cause);
    }
    // Whatever is not clearly "no" is no permission.
    if (isRevoked !== undefined && revoked !== false) throw tokenRevoked('isRevoked');
  };

  return (verified) => {
    const hasStatus = checkStatus !== undefined && verified.claims.status !== undefined;
    if (isRevoked === undefined) return hasStatus ? checkStatus(verified) : undefined;
    return hasStatus ? ask(verified).then(() => checkStatus(verified)) : ask(verified);
  };
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

/** A token that was withdrawn before its time. */
export function tokenRevoked(by: string): VerificationFailure {
  return new VerificationFailure('token_revoked', {
    expected: 'a token that is not revoked',
    received: `one that is, by ${by}`,
    description: 'The access token was revoked.',
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
