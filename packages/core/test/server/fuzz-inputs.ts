import * as fc from 'fast-check';

/** Every fuzz test runs the same inputs each time, so that a failure can be repeated. */
export const RUNS = { seed: 9068, numRuns: 3000 };
/** Floods grow to this length: what takes the square of it does not end within the test. */
export const FLOOD = 1_000_000;

/** What a function gives, `undefined` for the failure it is documented to throw; any other failure is thrown. */
export function resultOf<T>(act: () => T, documented: new (...parts: never[]) => Error): T | undefined {
  try {
    return act();
  } catch (error) {
    if (error instanceof documented) return undefined;
    throw error;
  }
}

/** Texts of all sorts, ill-formed ones among them. */
export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: 'binary-ascii', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom('\ud800', '\udc00', '\0', '\n', '"', '\\', '/', 'é', '\u00a0', '=', '.', ','),
    maxLength: 12,
  }),
);
/** Texts that are put together from these pieces and others. */
export const texts = (...pieces: readonly string[]): fc.Arbitrary<string> =>
  fc.array(fc.oneof(fc.constantFrom(...pieces), anyText), { maxLength: 24 }).map((parts) => parts.join(''));
