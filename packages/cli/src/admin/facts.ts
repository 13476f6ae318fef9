import { sanitizeText } from '@mcp-m2m/core';

const MOST_CHARACTERS = 4000;

/** Lays names and values out in two columns; what has no value is left out. */
export function formatFacts(
  facts: readonly (readonly [name: string, value: string | number | undefined])[],
): string {
  const known = facts.filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(...known.map(([name]) => name.length));
  return known
    .map(([name, value]) => `${name.padEnd(width)}  ${sanitizeText(String(value), MOST_CHARACTERS)}`)
    .join('\n');
}
