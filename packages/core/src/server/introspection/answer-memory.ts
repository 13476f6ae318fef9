import type { VerifiedToken } from '../access-token.ts';

/** What is known of tokens, until it is too old or too much. */
export interface AnswerMemory {
  readonly get: (token: string) => Promise<VerifiedToken> | undefined;
  /**
   * @param until - milliseconds since the epoch
   * @param weight - roughly the bytes that the answer takes
   */
  readonly set: (token: string, answer: Promise<VerifiedToken>, until: number, weight: number) => void;
  readonly forget: (token: string) => void;
}

interface Entry {
  readonly answer: Promise<VerifiedToken>;
  readonly until: number;
  readonly weight: number;
}

/** Creates a memory that drops the oldest answers beyond its bounds. */
export function createAnswerMemory(
  { maxEntries, maxWeight }: { readonly maxEntries: number; readonly maxWeight: number },
  now: () => number,
): AnswerMemory {
  const entries = new Map<string, Entry>();
  let total = 0;

  const forget = (token: string): void => {
    total -= entries.get(token)?.weight ?? 0;
    entries.delete(token);
  };

  return {
    get: (token) => {
      const entry = entries.get(token);
      if (entry === undefined) return undefined;
      if (now() < entry.until) return entry.answer;
      forget(token);
      return undefined;
    },
    set: (token, answer, until, weight) => {
      forget(token);
      if (until <= now() || weight > maxWeight) return;
      for (const oldest of entries.keys()) {
        if (entries.size < maxEntries && total + weight <= maxWeight) break;
        forget(oldest);
      }
      entries.set(token, { answer, until, weight });
      total += weight;
    },
    forget,
  };
}
