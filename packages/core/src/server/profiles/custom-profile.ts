import { isScopeToken } from '../../scope.ts';
import { VerificationFailure } from '../verification-failure.ts';
import type { ProfiledClaims, TokenProfile } from './token-profile.ts';
import { refuseType } from './token-type.ts';

/**
 * Takes a profile of the user's own: whatever it throws refuses the token, and so does an answer that is not
 * whole.
 *
 * @throws TypeError naming the option and the missing member
 */
export function guardCustomProfile(profile: TokenProfile, option: string): TokenProfile {
  const { name, checkType, requiredClaims, readClaims } = profile;
  if (typeof name !== 'string' || typeof checkType !== 'function' || typeof readClaims !== 'function') {
    throw new TypeError(`${option} must have a name and the functions checkType and readClaims.`);
  }
  if (!Array.isArray(requiredClaims) || !requiredClaims.every((claim) => typeof claim === 'string')) {
    throw new TypeError(`${option}.requiredClaims must be an array of claim names.`);
  }
  return {
    name,
    requiredClaims,
    checkType: (header, claims) => {
      let answer: unknown = false;
      try {
        answer = checkType(header, claims);
      } catch (cause) {
        if (cause instanceof VerificationFailure) throw cause;
      }
      if (answer instanceof Promise) answer.catch(() => undefined);
      // Nothing is the one answer that a check which is mistaken about its own form does not give.
      if (answer !== undefined)
        throw refuseType(`an access token of the profile ${name}`, 'one that its checkType refuses');
    },
    readClaims: (claims) => {
      let read: unknown;
      try {
        read = readClaims(claims);
      } catch (cause) {
        if (cause instanceof VerificationFailure) throw cause;
        throw unreadable(name, cause);
      }
      if (!isWhole(read)) throw unreadable(name);
      return read;
    },
  };
}

function isWhole(read: unknown): read is ProfiledClaims {
  const { clientId, subject, scopes, roles, kind, evidence } = (read ?? {}) as Partial<
    Record<keyof ProfiledClaims, unknown>
  >;
  const texts = [clientId, subject, evidence].every((text) => typeof text === 'string' && text !== '');
  const lists = Array.isArray(scopes) && scopes.every(isScopeToken) && Array.isArray(roles);
  return texts && lists && (kind === 'machine' || kind === 'user');
}

function unreadable(name: string, cause?: unknown): VerificationFailure {
  return new VerificationFailure('claim_invalid', {
    expected: `claims that readClaims of the profile ${name} understands`,
    received: cause === undefined ? 'an answer that is not whole' : 'a failure',
    description: 'The claims of the access token are not those of an access token for this resource.',
    cause,
  });
}
