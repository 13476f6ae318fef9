/** How long after a fruitless renewal none is tried again; doubled each time up to the longest. */
const FIRST_PAUSE_MILLISECONDS = 30_000;
const LONGEST_PAUSE_MILLISECONDS = 300_000;
/** Renewals that did help are bounded too, for a resource whose replicas disagree. */
const MOST_RENEWALS = 5;
const WINDOW_MILLISECONDS = 60_000;

/** Bounds the renewals that a resource can provoke by answering 401. */
export interface RenewalBreaker {
  /** When the next renewal is allowed, in milliseconds since the epoch; in the past when it is now. */
  allowedAt(): number;
  /** A token was obtained in answer to a 401. */
  renewed(): void;
  /** The resource has accepted a token. */
  accepted(): void;
}

/**
 * Keeps a resource that refuses every token from causing a token request with every call: after one
 * renewal whose token was never accepted it pauses for 30 seconds, then for twice as long, up to five
 * minutes. At most five renewals a minute in any case.
 */
export function createRenewalBreaker(now: () => number): RenewalBreaker {
  let recent: number[] = [];
  let fruitless = 0;
  return {
    allowedAt() {
      const last = recent.at(-1) ?? Number.NEGATIVE_INFINITY;
      const afterFruitless =
        fruitless === 0
          ? Number.NEGATIVE_INFINITY
          : last +
            Math.min(FIRST_PAUSE_MILLISECONDS * 2 ** Math.min(fruitless - 1, 10), LONGEST_PAUSE_MILLISECONDS);
      const oldest =
        recent.length < MOST_RENEWALS ? Number.NEGATIVE_INFINITY : (recent[0] ?? 0) + WINDOW_MILLISECONDS;
      return Math.max(afterFruitless, oldest);
    },
    renewed() {
      recent = [...recent, now()].slice(-MOST_RENEWALS);
      // Fruitless until a token is accepted.
      fruitless += 1;
    },
    accepted() {
      fruitless = 0;
    },
  };
}
