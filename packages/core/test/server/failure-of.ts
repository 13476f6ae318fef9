import { VerificationFailure } from '../../src/server/verification-failure.ts';

/** What was thrown, as a verification failure; anything else, or nothing, fails the test. */
export function failureOf(act: () => unknown): VerificationFailure {
  try {
    act();
  } catch (error) {
    if (error instanceof VerificationFailure) return error;
    throw error;
  }
  throw new Error('expected a VerificationFailure, and nothing was thrown');
}

/** The same for what rejects. */
export async function failureOfAsync(act: () => unknown): Promise<VerificationFailure> {
  try {
    await act();
  } catch (error) {
    if (error instanceof VerificationFailure) return error;
    throw error;
  }
  throw new Error('expected a VerificationFailure, and nothing was thrown');
}
