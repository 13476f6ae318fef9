/** One promise of the contract, for any test runner: `it(name, run)`. */
export interface ContractCase {
  /** A sentence about behaviour; no two cases of a suite have the same. */
  readonly name: string;
  /** Starts what it needs, and closes it. Rejects with an `AssertionError` that holds `actual` and `expected`. */
  readonly run: () => Promise<void>;
}
