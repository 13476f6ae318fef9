/** Gates by name, which requests wait at until another one opens them. */
export interface Gates {
  /** Resolves once the gate is open, or nobody waits there any more. */
  readonly passed: (name: string, isWaiting?: () => boolean) => Promise<void>;
  /** Opens a gate for good, and returns its name. */
  readonly open: (name: string) => string;
}

/** Creates gates that are all closed. */
export function createGates(): Gates {
  const opened = new Set<string>();
  return {
    // A timer of the request's own: there are runtimes that end a request which waits for another one alone.
    passed: async (name, isWaiting = () => true) => {
      while (!opened.has(name) && isWaiting()) {
        await new Promise((resolve) => void setTimeout(resolve, 2));
      }
    },
    open: (name) => {
      opened.add(name);
      return name;
    },
  };
}
