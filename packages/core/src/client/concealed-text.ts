import { sanitizeText } from '../printable-text.ts';

/** Secrets of one exchange, and the means to show text of foreign origin without them. */
export interface Concealment {
  add(value: string): void;
  /** Text for a message: without the secrets, sanitised and bounded. */
  show(text: string, maxLength?: number): string;
  /** An error for `cause`: names, codes and messages without the secrets, and no other property. */
  causeOf(error: unknown): Error;
}

/**
 * Remembers the secrets of one exchange, so that neither a server that echoes them nor a `fetch` that hangs
 * the request on its error carries them into ours.
 */
export function createConcealment(): Concealment {
  const secrets = new Set<string>();
  const show = (text: string, maxLength?: number): string => {
    let shown = text;
    // The longest first: a secret may be part of a longer one.
    for (const secret of [...secrets].toSorted((a, b) => b.length - a.length)) {
      shown = shown.replaceAll(secret, '[concealed]');
    }
    return sanitizeText(shown, maxLength);
  };
  const causeOf = (error: unknown, depth = 0): Error => {
    if (!(error instanceof Error)) return new Error('a value that is not an Error was thrown');
    const { code } = error as { code?: unknown };
    const cause =
      error.cause === undefined || depth >= 4 ? undefined : { cause: causeOf(error.cause, depth + 1) };
    const copy = new Error(show(error.message), cause);
    copy.name = show(error.name, 60);
    copy.stack = `${copy.name}: ${copy.message}`;
    return typeof code === 'string' ? Object.assign(copy, { code: show(code, 60) }) : copy;
  };
  return {
    add(value) {
      if (value !== '') secrets.add(value);
    },
    show,
    causeOf: (error) => causeOf(error),
  };
}
