/**
 * Refuses option objects that are not objects or carry a name nobody reads, because a misspelt security
 * option that is silently ignored leaves a server open.
 *
 * Checks names only, not the values. A property whose value is `undefined` still has to be known.
 *
 * @param options - what the user passed
 * @param known - every name that is read
 * @param where - the function or option that takes them, for the message
 * @throws TypeError naming the unknown option, the nearest known one and the whole list
 */
export function assertKnownOptions(options: unknown, known: readonly string[], where: string): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`${where} takes an object with the options ${known.join(', ')}.`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw new TypeError(
      `${where}: unknown option "${name}"${near === undefined ? '.' : `, did you mean "${near}"?`} Known options: ${known.join(', ')}.`,
    );
  }
}

function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current[column] = Math.min((previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, substitution);
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
