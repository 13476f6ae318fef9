const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/**
 * A copy of a text that stands for itself: a part of a string, as slicing makes it, keeps the whole of it in
 * memory.
 *
 * @param text - well-formed, as everything is that came in a header
 */
export function copyText(text: string): string {
  return DECODER.decode(ENCODER.encode(text));
}
