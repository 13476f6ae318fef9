/** One line of the result. */
export interface Measurement {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** What it is compared with: the bound, and whether it is a floor or a ceiling. */
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}

/** How a suite is run. */
export interface RunOptions {
  /** Fewer repetitions, where a suite has such a mode. */
  readonly quick: boolean;
}

/** A group of measurements that are taken in one go. */
export interface Suite {
  readonly name: string;
  /** What is measured and how, in a sentence. */
  readonly description: string;
  readonly run: (options: RunOptions) => Promise<readonly Measurement[]>;
}

/** Whether a measurement meets its target; `undefined` where it has none. */
export function meetsTarget({ value, target }: Measurement): boolean | undefined {
  if (target === undefined) return undefined;
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}
