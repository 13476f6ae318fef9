// Control, format and separator characters, lone surrogates, and whatever is not drawn at all: all that could
// forge a line in a log, turn its direction, or hide text in it that a program still reads.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

/**
 * Makes text from a peer safe to put into a message, a log line or a terminal: control,
 * direction-changing and invisible characters become `\u{…}` escapes, and the length is bounded.
 *
 * Does not recognise secrets: never hand it one.
 *
 * @param text - text of any origin
 * @param maxLength - longest result in UTF-16 units, escapes included, before `…` is put at its end; 200 unless given
 */
export function sanitizeText(text: string, maxLength = 200): string {
  let shown = '';
  for (const character of text) {
    const piece = UNPRINTABLE.test(character)
      ? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
      : character;
    if (shown.length + piece.length > maxLength) return `${shown}…`;
    shown += piece;
  }
  return shown;
}

/**
 * Shows a value that is not secret in a message: strings quoted and sanitised, the first ten entries of an
 * array, other values by kind.
 *
 * @param value - anything
 */
export function printable(value: unknown): string {
  if (typeof value === 'string') return `"${sanitizeText(value)}"`;
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  if (!Array.isArray(value)) return kindOf(value);
  // Arrays in arrays may be deeper than the stack.
  const entries = value
    .slice(0, 10)
    .map((entry) => (Array.isArray(entry) ? kindOf(entry) : printable(entry)));
  return `[${entries.join(', ')}${value.length > 10 ? ', …' : ''}]`;
}

/** Names the kind of a value, and shows nothing of it: for what may be secret. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'none';
  if (value === null) return 'null';
  if (value === '') return 'an empty string';
  return Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
