// Control, format and separator characters, lone surrogates, and whatever is not drawn at all: all that could
// forge a line in a log, turn its direction, or hide text in it that a program still reads.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * Makes text from a peer safe to put into a message, a log line or a terminal: control,
 * direction-changing and invisible characters become `\u{…}` escapes, and the length is bounded.
 *
 * Does not recognise secrets: never hand it one.
 *
 * @param text - text of any origin
 * @param maxLength - longest result in UTF-16 units before `…` is put at its end; 200 unless given
 */
export function sanitizeText(text: string, maxLength = 200): string {
  const cut = text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
  return cut.replace(UNPRINTABLE, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/**
 * Shows a value that is not secret in a message: strings quoted and sanitised, other values by kind.
 *
 * @param value - anything
 */
export function printable(value: unknown): string {
  if (typeof value === 'string') return `"${sanitizeText(value)}"`;
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  if (Array.isArray(value))
    return `[${value.slice(0, 10).map(printable).join(', ')}${value.length > 10 ? ', …' : ''}]`;
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
