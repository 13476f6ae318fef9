// What no label needs: PostgreSQL cannot store a NUL, and the others forge lines in a log.
const CONTROL = /\p{Cc}/u;
const LINE_BREAKS = /[\t\n\r]/g;

/** What a text may be. */
export interface PlainTextRules {
  readonly maxLength: number;
  /** Whether it may have several lines. */
  readonly lines?: boolean;
}

/**
 * Validates a text for people: a label, an owner, a description. It is stored as it is, whatever it says, so
 * whoever shows it has to escape it.
 *
 * @throws TypeError naming the option
 */
export function parsePlainText(
  value: unknown,
  option: string,
  { maxLength, lines = false }: PlainTextRules,
): string {
  if (typeof value !== 'string' || value === '' || value.length > maxLength || !value.isWellFormed()) {
    throw new TypeError(`${option} must be a text of 1 to ${maxLength} characters, or be left out.`);
  }
  if (CONTROL.test(lines ? value.replace(LINE_BREAKS, '') : value)) {
    throw new TypeError(`${option} must not contain control characters.`);
  }
  return value;
}

/** Brings a text into the form in which searches compare: one case, one form of each character. */
export function toSearchText(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
