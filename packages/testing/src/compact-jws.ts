import { computeSignature, type SignatureAlgorithm, type SignatureKey } from './signature.ts';

/** One part of a token: an object to serialise, or text or bytes that go in exactly as they are. */
export type TokenPart = string | Uint8Array | Readonly<Record<string, unknown>>;

/**
 * Builds a compact JWS around any two parts, well-formed or hostile, and signs exactly those bytes.
 *
 * Checks nothing: duplicate members, broken UTF-8 or a header that names another algorithm are kept.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-7.1 | RFC 7515 §7.1}
 */
export function buildCompactJws(
  header: TokenPart,
  payload: TokenPart,
  algorithm: SignatureAlgorithm,
  key: SignatureKey,
): string {
  const signingInput = `${encodePart(header)}.${encodePart(payload)}`;
  const signature = computeSignature(algorithm, key, Buffer.from(signingInput));
  return `${signingInput}.${Buffer.from(signature).toString('base64url')}`;
}

function encodePart(part: TokenPart): string {
  if (part instanceof Uint8Array) return Buffer.from(part).toString('base64url');
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');
}
