/** A token as it reads, unverified. */
export interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * Reads a JWT in this browser, without sending it anywhere. Verifies nothing.
 *
 * @returns what is wrong with it, where it cannot be read
 */
export function decodeToken(text: string): DecodedToken | string {
  const parts = text.trim().split('.');
  if (parts.length === 5) return 'This token is encrypted: what it says cannot be read here.';
  if (parts.length !== 3) return 'This is no JWT: it would have three parts with dots between them.';
  try {
    const [header, claims] = parts.slice(0, 2).map(readPart);
    if (header === undefined || claims === undefined) throw new TypeError('no object');
    return { header, claims };
  } catch {
    return 'This is no JWT: its parts are not JSON in base64url. Paste it again, whole.';
  }
}

function readPart(part: string): Readonly<Record<string, unknown>> {
  const binary = atob(part.replaceAll('-', '+').replaceAll('_', '/'));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('no object');
  return value as Readonly<Record<string, unknown>>;
}
