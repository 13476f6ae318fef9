const MAX_DEPTH = 12;
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses a JSON object in the strict form that two parsers cannot read differently.
 *
 * Refuses bad UTF-8, a byte order mark, duplicate member names at any depth, lone surrogates, numbers
 * that are not finite, nesting deeper than twelve levels, and anything that is not an object.
 *
 * @param bytes - UTF-8 encoded JSON; bound its size first
 * @returns the object, or `undefined` when any of the above holds
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-4 | RFC 7515 §4},
 *   {@link https://www.rfc-editor.org/rfc/rfc8725#section-2.4 | RFC 8725 §2.4}
 */
export function parseStrictJsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  let text: string;
  let value: unknown;
  try {
    text = DECODER.decode(bytes);
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const members = countMembers(value, text.includes('\\u'), 1);
  // A duplicate leaves more members in the text than in the value.
  return members === countMemberSeparators(text) ? (value as Record<string, unknown>) : undefined;
}

/** Members of the value at all depths, or NaN when the value breaks a rule of the strict form. */
function countMembers(value: unknown, checkSurrogates: boolean, depth: number): number {
  if (typeof value === 'string') return checkSurrogates && !value.isWellFormed() ? Number.NaN : 0;
  if (typeof value === 'number') return Number.isFinite(value) ? 0 : Number.NaN;
  if (typeof value !== 'object' || value === null) return 0;
  if (depth > MAX_DEPTH) return Number.NaN;
  let count = 0;
  if (Array.isArray(value)) {
    for (const entry of value) count += countMembers(entry, checkSurrogates, depth + 1);
    return count;
  }
  for (const name of Object.keys(value)) {
    if (checkSurrogates && !name.isWellFormed()) return Number.NaN;
    count += 1 + countMembers((value as Record<string, unknown>)[name], checkSurrogates, depth + 1);
  }
  return count;
}

/** Colons outside strings, of which each member has exactly one. The text is known to be valid JSON. */
function countMemberSeparators(text: string): number {
  let count = 0;
  for (let position = 0; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code === 0x3a) count++;
    else if (code === 0x22) position = endOfString(text, position);
  }
  return count;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end;
}

function isEscaped(text: string, position: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(position - 1 - backslashes) === 0x5c) backslashes++;
  return backslashes % 2 === 1;
}
