/** Work of which at most one instance runs at a time. */
export interface SingleFlight<T> {
  /** The running instance, if any. */
  readonly running: Promise<T> | undefined;
  /** Joins the running instance or starts one. Nobody's departure stops it. */
  run(work: () => Promise<T>): Promise<T>;
}

/** Creates a {@link SingleFlight}. A failure with nobody waiting for it is not an unhandled rejection. */
export function createSingleFlight<T>(): SingleFlight<T> {
  let running: Promise<T> | undefined;
  return {
    get running() {
      return running;
    },
    run(work) {
      if (running !== undefined) return running;
      const flight = work().finally(() => {
        running = undefined;
      });
      flight.catch(() => undefined);
      running = flight;
      return flight;
    },
  };
}
