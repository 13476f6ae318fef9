import { VerificationFailure } from '../verification-failure.ts';
import type { ReplayStore } from './replay-store.ts';

/** Refuses a proof that was used before. */
export type FirstUseCheck = (key: string, expiresAt: number) => Promise<void>;

const TIMEOUT_MILLISECONDS = 2500;

/**
 * Creates the check that a proof is used once, on top of a replay store that may fail or hang.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-11.1 | RFC 9449 §11.1}
 */
export function createFirstUseCheck(
  store: ReplayStore,
  timeoutMilliseconds = TIMEOUT_MILLISECONDS,
): FirstUseCheck {
  return async (key, expiresAt) => {
    let first: unknown;
    try {
      const answer = store.useOnce(key, expiresAt);
      first = typeof answer === 'boolean' ? answer : await inTime(answer, timeoutMilliseconds);
    } catch (cause) {
      throw new VerificationFailure('replay_store_unavailable', {
        expected: 'an answer of the replay store',
        received: 'a failure',
        description: 'Whether the DPoP proof was used before cannot be checked at the moment.',
        cause,
      });
    }
    if (first === true) return;
    throw new VerificationFailure('proof_replayed', {
      expected: 'a proof that was not used before',
      received: 'one that was',
      description: 'The DPoP proof was used before; make a new one for every request.',
    });
  };
}

async function inTime<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Error(`the replay store did not answer within ${milliseconds} ms`);
    timer = setTimeout(() => reject(error), milliseconds);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
