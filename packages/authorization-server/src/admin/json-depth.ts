/**
 * Tells whether a JSON text nests arrays and objects deeper than a limit. Whoever goes through a value by calling
 * himself for each level runs out of stack.
 *
 * Does not validate the text.
 */
export function isNestedDeeperThan(limit: number, json: string): boolean {
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"?|[[\]{}]/gs)) {
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') depth--;
    if (depth > limit) return true;
  }
  return false;
}
