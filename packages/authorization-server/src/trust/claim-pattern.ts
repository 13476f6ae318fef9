/** What separates the parts of a subject or another identifying claim. */
export const SEPARATORS = '/:@';

/**
 * Tells whether a text fits a pattern, in which each `*` stands for one or more characters within one part: none
 * of `/`, `:` and `@`. Everything else stands for itself, upper and lower case apart.
 *
 * So `repo:octo/*:ref:refs/heads/main` fits any repository of `octo`, and `repo:octo*` does not fit
 * `repo:octo/app:ref:refs/heads/main`.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  const literals = pattern.split('*');
  const last = literals.pop() ?? '';
  const [first, ...between] = literals;
  if (first === undefined) return last === text;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const literal of between) {
    // The earliest place leaves the most to the next star, and a star never passes a separator.
    const at = text.indexOf(literal, from + 1);
    if (at === -1 || at > endOfPart(text, from)) return false;
    from = at + literal.length;
  }
  const start = text.length - last.length;
  return start > from && start <= endOfPart(text, from) && text.endsWith(last);
}

function endOfPart(text: string, from: number): number {
  let end = from;
  while (end < text.length && !SEPARATORS.includes(text.charAt(end))) end++;
  return end;
}

/** The parts of a pattern that stand complete before its first `*`. */
export function literalParts(pattern: string): readonly string[] {
  const star = pattern.indexOf('*');
  const parts = (star === -1 ? pattern : pattern.slice(0, star)).split(new RegExp(`[${SEPARATORS}]`));
  // What the star continues is not complete.
  return star === -1 ? parts : parts.slice(0, -1);
}
