const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const INVALID = 0xff;
const VALUES = new Uint8Array(128).fill(INVALID);
for (let value = 0; value < 64; value++) VALUES[ALPHABET.charCodeAt(value)] = value;

/**
 * Decodes base64url in its one canonical form: no padding, no other character, no unused bit set.
 *
 * A decoder that is more generous gives one signature several spellings.
 *
 * @returns `undefined` for anything else
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-2 | RFC 7515 §2},
 *   {@link https://www.rfc-editor.org/rfc/rfc4648#section-3.5 | RFC 4648 §3.5}
 */
export function decodeBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const { length } = text;
  if (length % 4 === 1) return undefined;
  const bytes = new Uint8Array((length * 3) >> 2);
  let buffer = 0;
  let bits = 0;
  let offset = 0;
  for (let position = 0; position < length; position++) {
    const code = text.charCodeAt(position);
    const value = code < 128 ? (VALUES[code] ?? INVALID) : INVALID;
    if (value === INVALID) return undefined;
    buffer = ((buffer << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[offset++] = buffer >> bits;
    }
  }
  return (buffer & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}
