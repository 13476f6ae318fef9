/**
 * Refuses option objects that carry a name nobody reads, so that a misspelt option fails a test suite at once
 * instead of quietly testing something else.
 *
 * Checks names only, not the values.
 *
 * @throws TypeError naming the unknown option and every known one
 */
export function refuseUnknownOptions(options: object, known: readonly string[], where: string): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(`${where}: unknown option "${unknown}". Known options: ${known.join(', ')}.`);
}
