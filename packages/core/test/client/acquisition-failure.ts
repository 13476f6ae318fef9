import { TokenAcquisitionError } from '../../src/client/index.ts';

/** Waits for a failure of the one kind that a token source may have. */
export async function failureOf(promise: Promise<unknown>): Promise<TokenAcquisitionError> {
  const outcome: unknown = await promise.then(
    () => 'no failure',
    (reason: unknown) => reason,
  );
  if (outcome instanceof TokenAcquisitionError) return outcome;
  throw new Error('expected a TokenAcquisitionError', { cause: outcome });
}
