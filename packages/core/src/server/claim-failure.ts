import { printable } from '../printable-text.ts';
import { VerificationFailure } from './verification-failure.ts';

/** A claim that is there but cannot be accepted. */
export function claimInvalid(claim: string, expected: string, received: unknown): VerificationFailure {
  return new VerificationFailure('claim_invalid', {
    expected: `"${claim}": ${expected}`,
    received: printable(received),
    description: `The claim "${claim}" of the access token is not valid.`,
  });
}

/** A claim without which the token is not accepted. */
export function claimMissing(claim: string): VerificationFailure {
  return new VerificationFailure('claim_missing', {
    expected: `the claim "${claim}"`,
    received: 'none',
    description: `The access token has no claim "${claim}".`,
  });
}
