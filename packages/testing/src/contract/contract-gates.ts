/** Gates by name, which requests wait at until another one opens them. */
export interface Gates {
  /** Resolves once the gate is open; at once where it is. */
  readonly passed: (name: string) => Promise<void>;
  /** Opens a gate for good, and returns its name. */
  readonly open: (name: string) => string;
}

/** Creates gates that are all closed. */
export function createGates(): Gates {
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const find = (name: string): PromiseWithResolvers<void> => {
    const gate = gates.get(name) ?? Promise.withResolvers<void>();
    gates.set(name, gate);
    return gate;
  };
  return {
    passed: (name) => find(name).promise,
    open: (name) => {
      find(name).resolve();
      return name;
    },
  };
}
