/**
 * Brings an ECDSA signature into the form of JWS: two numbers of fixed size, one after the other. Takes that form
 * or DER, and tells them apart by the length.
 *
 * @param coordinateBytes - size of each number: 32 for P-256, 48 for P-384, 66 for P-521
 * @returns `undefined` for what is neither, or numbers that are zero, negative or too large for the curve
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-3.4 | RFC 7518 §3.4},
 *   {@link https://www.rfc-editor.org/rfc/rfc3279#section-2.2.3 | RFC 3279 §2.2.3}
 */
export function readEcdsaSignature(bytes: Uint8Array, coordinateBytes: number): Uint8Array | undefined {
  const raw = bytes.length === 2 * coordinateBytes ? bytes : derToRaw(bytes, coordinateBytes);
  if (raw === undefined) return undefined;
  const isZero = (number: Uint8Array): boolean => number.every((byte) => byte === 0);
  return isZero(raw.subarray(0, coordinateBytes)) || isZero(raw.subarray(coordinateBytes)) ? undefined : raw;
}

const SEQUENCE = 0x30;
const INTEGER = 0x02;

function derToRaw(bytes: Uint8Array, coordinateBytes: number): Uint8Array | undefined {
  const sequence = readElement(bytes, SEQUENCE);
  if (sequence === undefined || sequence.rest.length > 0) return undefined;
  const r = readElement(sequence.content, INTEGER);
  const s = r && readElement(r.rest, INTEGER);
  if (r === undefined || s === undefined || s.rest.length > 0) return undefined;
  const raw = new Uint8Array(2 * coordinateBytes);
  const numbers = [r.content, s.content].map((integer) => magnitudeOf(integer));
  for (const [index, number] of numbers.entries()) {
    if (number === undefined || number.length > coordinateBytes) return undefined;
    raw.set(number, (index + 1) * coordinateBytes - number.length);
  }
  return raw;
}

/** Reads one element of definite length, at most 255 bytes: more than any ECDSA signature has. */
function readElement(
  bytes: Uint8Array,
  tag: number,
): { readonly content: Uint8Array; readonly rest: Uint8Array } | undefined {
  const long = bytes[1] === 0x81;
  const length = long ? bytes[2] : bytes[1];
  if (bytes[0] !== tag || length === undefined || (!long && length > 0x7f)) return undefined;
  const start = long ? 3 : 2;
  if (bytes.length < start + length) return undefined;
  return { content: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) };
}

/** The bytes of a positive integer without leading zeros. */
function magnitudeOf(integer: Uint8Array): Uint8Array | undefined {
  const [first] = integer;
  if (first === undefined || first > 0x7f) return undefined;
  const start = integer.findIndex((byte) => byte !== 0);
  return start === -1 ? undefined : integer.subarray(start);
}
