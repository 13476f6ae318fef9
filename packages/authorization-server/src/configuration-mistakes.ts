/** Gathers the mistakes of a configuration, so that all are told at once. */
export interface Mistakes {
  /** Runs a parser; where it throws a TypeError, the result must not be used before {@link Mistakes.refuse}. */
  readonly read: <T>(parse: () => T) => T;
  /** @throws TypeError with every mistake on a line of its own, if there was one */
  readonly refuse: () => void;
}

/** Makes the gatherer. */
export function collectMistakes(): Mistakes {
  const mistakes: TypeError[] = [];
  return {
    read<T>(parse: () => T): T {
      try {
        return parse();
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        mistakes.push(error);
        return undefined as T;
      }
    },
    refuse() {
      const [only] = mistakes;
      if (only === undefined) return;
      if (mistakes.length === 1) throw only;
      throw new TypeError(mistakes.map(({ message }) => message).join('\n'));
    },
  };
}
