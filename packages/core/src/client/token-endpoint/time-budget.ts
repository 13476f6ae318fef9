/** What is left of the time for one acquisition. */
export interface TimeBudget {
  readonly totalMilliseconds: number;
  /** At least 1, so that the last step fails as a time-out and not as a wrong argument. */
  remainingMilliseconds(): number;
}

/** Starts a time budget now. Runs on the monotonic clock: it bounds waiting, it tells no time. */
export function startTimeBudget(totalMilliseconds: number): TimeBudget {
  const end = performance.now() + totalMilliseconds;
  return {
    totalMilliseconds,
    remainingMilliseconds: () => Math.max(1, Math.ceil(end - performance.now())),
  };
}
