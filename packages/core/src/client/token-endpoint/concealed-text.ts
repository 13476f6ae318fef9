import { sanitizeText } from '../../printable-text.ts';

/** A part of a secret of this length, in UTF-16 units, is as good as the secret; a shorter one is a coincidence. */
const RUN_LENGTH = 12;
/** Of a longer text the rest is dropped: searching it takes time. */
const MOST_SEARCHED = 65_536;
const CONCEALED = '[concealed]';

/** Secrets of one exchange, and the means to show text of foreign origin without them. */
export interface Concealment {
  /** Conceals a secret: in any case, in hexadecimal or Base64, whole or in runs of at least 12 characters. */
  add(value: string): void;
  /** Conceals a text where it stands as a whole, exactly so; its parts may be shown. */
  addWhole(value: string): void;
  /** Text for a message: without the secrets, sanitised and bounded. */
  show(text: string, maxLength?: number): string;
  /** An error for `cause`: names, codes and messages without the secrets, and no other property. */
  causeOf(error: unknown): Error;
  /** An error for `cause` in place of one that may hold a secret nobody has added: names and codes only. */
  standInFor(error: unknown): Error;
}

/**
 * Remembers the secrets of one exchange, so that neither a server that echoes them nor a `fetch` that hangs
 * the request on its error carries them into ours.
 */
export function createConcealment(): Concealment {
  const secrets = new Set<string>();
  const wholes = new Set<string>();
  let runs: Runs | undefined;

  function show(text: string, maxLength?: number): string {
    let shown = text.slice(0, MOST_SEARCHED);
    for (const whole of wholes) shown = shown.replaceAll(whole, CONCEALED);
    runs ??= runsOf(secrets);
    return sanitizeText(concealRuns(shown, runs), maxLength);
  }

  function copyError(error: unknown, messageOf: (error: Error) => string, depth = 0): Error {
    if (!(error instanceof Error)) return new Error('a value that is not an Error was thrown');
    const { code } = error as { code?: unknown };
    const cause =
      error.cause === undefined || depth >= 4
        ? undefined
        : { cause: copyError(error.cause, messageOf, depth + 1) };
    const copy = new Error(messageOf(error), cause);
    copy.name = showIdentifier(error.name) ?? 'Error';
    copy.stack = `${copy.name}: ${copy.message}`;
    const shownCode = showIdentifier(code);
    return shownCode === undefined ? copy : Object.assign(copy, { code: shownCode });
  }

  /** A name or code is an identifier; anything else is text in disguise. */
  function showIdentifier(value: unknown): string | undefined {
    return typeof value === 'string' && /^[\w.-]{1,60}$/.test(value) ? show(value) : undefined;
  }

  return {
    add(value) {
      if (value !== '') secrets.add(value);
      runs = undefined;
    },
    addWhole(value) {
      if (value !== '') wholes.add(value);
    },
    show,
    causeOf: (error) => copyError(error, ({ message }) => show(message)),
    standInFor: (error) => copyError(error, () => 'the message is left out, as it may hold a secret'),
  };
}

/** The runs of all secrets, by their length: a secret shorter than a run is one by itself. */
type Runs = ReadonlyMap<number, ReadonlySet<string>>;

function runsOf(secrets: Iterable<string>): Runs {
  const runs = new Map<number, Set<string>>();
  for (const form of [...secrets].flatMap(formsOf)) {
    const length = Math.min(form.length, RUN_LENGTH);
    const known = runs.get(length) ?? new Set();
    for (let at = 0; at + length <= form.length; at++) known.add(form.slice(at, at + length));
    runs.set(length, known);
  }
  return runs;
}

/** How a peer may echo a secret, without regard to case. */
function formsOf(secret: string): string[] {
  const bytes = [...new TextEncoder().encode(secret)];
  const base64 = btoa(bytes.map((byte) => String.fromCharCode(byte)).join(''));
  return [
    secret,
    bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(''),
    base64,
    base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
  ].map(foldCase);
}

function concealRuns(text: string, runs: Runs): string {
  const folded = foldCase(text);
  const lengths = [...runs.keys()].toSorted((a, b) => b - a);
  let shown = '';
  let concealedUntil = 0;
  for (let at = 0; at < text.length; at++) {
    const length = lengths.find((candidate) => runs.get(candidate)?.has(folded.slice(at, at + candidate)));
    if (length !== undefined) {
      if (at >= concealedUntil) shown += CONCEALED;
      concealedUntil = Math.max(concealedUntil, at + length);
    }
    if (at >= concealedUntil) shown += text[at];
  }
  return shown;
}

/** Lower case, of the same length: `İ`, say, would become two characters. */
function foldCase(text: string): string {
  return text.replace(/\p{Lu}/gu, (letter) => {
    const lower = letter.toLowerCase();
    return lower.length === letter.length ? lower : letter;
  });
}
