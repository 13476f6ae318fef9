const LEAST_BYTES = 32;
const LEAST_DIFFERENT = 8;
const MEND = 'create one with "openssl rand -base64 48" and keep it outside the database.';

/**
 * Validates the option `secretKey`.
 *
 * Refuses what is plainly not random, such as zeros, a repeated word or a count. Does not measure how hard to
 * guess any other value is.
 *
 * @returns a copy of its bytes
 * @throws TypeError naming the option and the mend, never the value
 */
export function parseSecretKey(value: unknown): Uint8Array {
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  if (!(bytes instanceof Uint8Array) || bytes.byteLength < LEAST_BYTES) {
    throw new TypeError(
      `secretKey must be at least ${LEAST_BYTES} random bytes, or a string that long; ${MEND}`,
    );
  }
  if (isPlainlyNotRandom(bytes)) {
    throw new TypeError(`secretKey is not random: its bytes follow a pattern; ${MEND}`);
  }
  return Uint8Array.from(bytes);
}

function isPlainlyNotRandom(bytes: Uint8Array): boolean {
  const steps = bytes.map((byte, index) => byte - (bytes[index - 1] ?? 0));
  return [bytes, steps].some((values) => new Set(values).size < LEAST_DIFFERENT) || repeatsItself(bytes);
}

function repeatsItself(bytes: Uint8Array): boolean {
  for (let period = 1; period <= bytes.length / 2; period++) {
    if (bytes.every((byte, index) => index < period || byte === bytes[index - period])) return true;
  }
  return false;
}
