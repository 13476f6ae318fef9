import { createConcealment } from '@mcp-m2m/core/client';

/** Keeps what is secret in a walk out of everything that is shown of it. */
export interface Redaction {
  /** Adds a secret: it stands in nothing that is shown from then on. */
  add(secret: string): void;
  /**
   * Text of any origin as it may be shown: without secrets, on one line, without characters that a terminal obeys, and
   * bounded.
   *
   * @param maxLength - in UTF-16 units; 2000 unless given
   */
  show(text: string, maxLength?: number): string;
}

/** Of a longer text the rest is dropped. */
const MOST_CHARACTERS = 16_384;
/** Letters and digits that two texts do not have in common by chance. */
const WINDOW = 16;
/** What has fewer letters and digits than this is found as it stands alone. */
const SHORTEST = 8;
const REPLACEMENT = '[concealed: a secret stands in it]';

/**
 * Remembers the secrets of one walk.
 *
 * A secret that is echoed as it is, in hexadecimal or in Base64 is taken out, and the rest is shown. One that is
 * disguised further (cut over lines, percent-encoded, backwards, in escapes, in Base64 within other text) takes the
 * whole text with it. Ciphers, and pieces of fewer than some twenty letters and digits, are not recognised.
 */
export function createRedaction(): Redaction {
  const concealment = createConcealment();
  const known = new Set<string>();
  const forms: string[] = [];
  return {
    add(secret) {
      if (secret === '' || known.has(secret)) return;
      known.add(secret);
      concealment.add(secret);
      forms.push(...formsOf(secret));
    },
    show(text, maxLength = 2000) {
      const shown = concealment.show(text.slice(0, MOST_CHARACTERS), MOST_CHARACTERS * 8);
      if (readingsOf(shown).some((reading) => holdsAny(reading, forms))) return REPLACEMENT;
      return shown.length > maxLength ? `${shown.slice(0, maxLength)}…` : shown;
    },
  };
}

/** How a peer may write a secret, letters and digits alone, forwards and backwards. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const written = [
    secret,
    bytes.toString('hex'),
    // Within other text the bytes may begin at any of three places of a group.
    ...[0, 1, 2].map((shift) => bytes.subarray(shift).toString('base64')),
  ];
  return written
    .map(condense)
    .filter(({ length }) => length >= SHORTEST)
    .flatMap((form) => [form, form.split('').toReversed().join('')]);
}

/** The ways in which a text can be read. */
function readingsOf(shown: string): readonly string[] {
  // What was not printable stands as an escape already, and what was concealed is no text any more.
  const plain = shown.replace(/\\u\{[0-9a-f]+\}/g, '').replaceAll('[concealed]', '');
  const decoded = plain
    .replace(/%([0-9a-f]{2})/gi, fromHexadecimal)
    .replace(/\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|&#x([0-9a-f]{1,6});/gi, (...groups) =>
      fromHexadecimal('', String(groups[1] ?? groups[2] ?? groups[3])),
    )
    .replace(/&#(\d{1,7});/g, (_, digits: string) => fromCodePoint(Number(digits)));
  return [...new Set([plain, decoded].map(condense))];
}

function holdsAny(reading: string, forms: readonly string[]): boolean {
  return forms.some((form) => {
    if (form.length < 2 * WINDOW) return reading.includes(form);
    for (let at = 0; at + WINDOW <= reading.length; at += WINDOW) {
      if (form.includes(reading.slice(at, at + WINDOW))) return true;
    }
    return false;
  });
}

function condense(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}

function fromHexadecimal(_match: string, digits: string): string {
  return fromCodePoint(Number.parseInt(digits, 16));
}

function fromCodePoint(code: number): string {
  return code <= 0x10_ffff ? String.fromCodePoint(code) : '';
}
