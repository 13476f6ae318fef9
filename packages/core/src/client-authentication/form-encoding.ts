/**
 * Encodes one value as `application/x-www-form-urlencoded` over UTF-8.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#appendix-B | RFC 6749 appendix B}
 */
export function formEncode(value: string): string {
  return new URLSearchParams([['', value]]).toString().slice(1);
}
