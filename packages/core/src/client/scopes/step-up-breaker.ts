/** As many at once: a tool may have a scope of its own. */
const MOST_AT_ONCE = 10;
/** Then one in this time. */
const INTERVAL_MILLISECONDS = 60_000;

/** Bounds the step-ups that a resource can provoke by demanding scopes. */
export interface StepUpBreaker {
  /** When the next step-up is allowed, in milliseconds since the epoch; in the past when it is now. */
  allowedAt(): number;
  /** A step-up begins. */
  steppedUp(): void;
}

/**
 * Keeps a resource that demands another scope each time from causing a token request with every call: ten
 * step-ups at once, then one a minute, whatever comes of them.
 */
export function createStepUpBreaker(now: () => number): StepUpBreaker {
  /** Until then the step-ups so far would last, one in each interval. */
  let spentUntil = Number.NEGATIVE_INFINITY;
  return {
    allowedAt: () => spentUntil - (MOST_AT_ONCE - 1) * INTERVAL_MILLISECONDS,
    steppedUp() {
      spentUntil = Math.max(spentUntil, now()) + INTERVAL_MILLISECONDS;
    },
  };
}
