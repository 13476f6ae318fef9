import { createHmac, randomBytes, timingSafeEqual, type KeyObject } from 'node:crypto';
import { crc32 } from 'node:zlib';

const PREFIX = 'mcpm2m_';
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BODY_LENGTH = 43;
const CHECKSUM_LENGTH = 6;

/** Source of a regular expression that finds client secrets in any text. */
export const CLIENT_SECRET_PATTERN = `${PREFIX}[0-9A-Za-z]{${BODY_LENGTH + CHECKSUM_LENGTH}}`;

/**
 * Creates a client secret: 256 random bits in base 62 between the prefix `mcpm2m_` and a checksum.
 *
 * The fixed prefix and length let scanners find a leaked secret; the checksum (CRC-32 of what stands
 * before it, base 62, six digits) lets them tell it from a look-alike without asking anybody.
 */
export function generateClientSecret(): string {
  const text = PREFIX + toBase62(BigInt(`0x${randomBytes(32).toString('hex')}`), BODY_LENGTH);
  return text + checksum(text);
}

const WHOLE = new RegExp(`^${CLIENT_SECRET_PATTERN}$`);

/** Tells whether a text has the form and the checksum of a client secret. Says nothing about its validity. */
export function isClientSecret(text: string): boolean {
  return WHOLE.test(text) && checksum(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH);
}

/** The beginning of a secret, by which its owner can recognise it among several. */
export function hintOf(secret: string): string {
  return `${secret.slice(0, PREFIX.length + 4)}…`;
}

/** HMAC-SHA-256 of a secret, base64url: all that is ever stored of it. */
export function macOfSecret(key: KeyObject, secret: string): string {
  return createHmac('sha256', key).update(secret).digest('base64url');
}

/**
 * Compares a presented secret with the stored ones, every one of them, each in constant time.
 *
 * Does not judge whether the one that matches has expired.
 *
 * @param key - the MAC key
 * @param presented - what the client sent
 * @param secrets - what is stored; none costs as much as one, and never matches
 */
export function findMatchingSecret<Secret extends { readonly mac: string }>(
  key: KeyObject,
  presented: string,
  secrets: readonly Secret[],
): Secret | undefined {
  const actual = createHmac('sha256', key).update(presented).digest();
  if (secrets.length === 0) equals(actual, UNMATCHED_MAC);
  let found: Secret | undefined;
  for (const secret of secrets) if (equals(actual, secret.mac)) found = secret;
  return found;
}

function equals(actual: Buffer, mac: string): boolean {
  const expected = Buffer.from(mac, 'base64url');
  return expected.byteLength === actual.byteLength && timingSafeEqual(actual, expected);
}

const UNMATCHED_MAC = randomBytes(32).toString('base64url');

function checksum(text: string): string {
  return toBase62(BigInt(crc32(text)), CHECKSUM_LENGTH);
}

function toBase62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) text = (DIGITS[Number(rest % 62n)] ?? '') + text;
  return text;
}
