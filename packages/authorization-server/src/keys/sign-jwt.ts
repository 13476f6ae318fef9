import type { SigningKey } from './signing-key.ts';

/**
 * Signs claims as a compact JWT. Adds no claim.
 *
 * @param type - the header's `typ`
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519#section-7.1 | RFC 7519 §7.1}
 */
export async function signJwt(
  { keyId, algorithm, sign }: SigningKey,
  type: string,
  claims: Readonly<Record<string, unknown>>,
): Promise<string> {
  const header = { alg: algorithm, typ: type, kid: keyId };
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${Buffer.from(await sign(Buffer.from(signed))).toString('base64url')}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
