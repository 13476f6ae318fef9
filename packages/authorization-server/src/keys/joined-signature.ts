/** Of r and of s each, on the curve P-256. */
const HALF = 32;
/** Tag and length of the sequence, then the tag of its first number. */
const FIRST_LENGTH_AT = 3;

/**
 * Turns an ES256 signature in DER into the form of JWS: r and s joined, 64 bytes.
 *
 * Does not judge the input, which has to be what OpenSSL made.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7518#section-3.4 | RFC 7518 §3.4}
 */
export function joinSignature(der: Buffer): Buffer {
  const joined = Buffer.alloc(2 * HALF);
  const lengthOfR = der.readUInt8(FIRST_LENGTH_AT);
  const endOfR = FIRST_LENGTH_AT + 1 + lengthOfR;
  const lengthOfS = der.readUInt8(endOfR + 1);
  copyNumber(der, endOfR, lengthOfR, joined, HALF);
  copyNumber(der, endOfR + 2 + lengthOfS, lengthOfS, joined, 2 * HALF);
  return joined;
}

/** Copies a number by its end: DER leaves out leading zeros, and puts one before a first bit that is set. */
function copyNumber(from: Buffer, end: number, length: number, to: Buffer, toEnd: number): void {
  const copied = Math.min(length, HALF);
  from.copy(to, toEnd - copied, end - copied, end);
}
