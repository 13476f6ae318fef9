import { fetchDocument, type ExchangeOptions } from './bounded-document.ts';
import { DocumentError } from './document-error.ts';
import { printable } from './printable-text.ts';

/** A JSON object and the response headers that say how long it may be kept. */
export interface JsonDocument {
  readonly value: Readonly<Record<string, unknown>>;
  readonly headers: Headers;
}

/**
 * Fetches a JSON object under the bounds of {@link fetchDocument}.
 *
 * @throws DocumentError with a stable `code` for everything that goes wrong with the exchange
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-3.2 | RFC 9728 §3.2},
 *   {@link https://www.rfc-editor.org/rfc/rfc8414#section-3.2 | RFC 8414 §3.2}
 */
export async function fetchJsonDocument(url: string, options: ExchangeOptions = {}): Promise<JsonDocument> {
  const request = { contentTypes: ['application/json'], anyJson: true } as const;
  const { bytes, headers } = await fetchDocument(url, request, options);
  return { value: parseJsonObject(url, bytes), headers };
}

/**
 * Parses the bytes of a document as a JSON object.
 *
 * @throws DocumentError `not_json` or `not_an_object`
 */
export function parseJsonObject(url: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // The parser's own message quotes the document, control characters included.
    throw new DocumentError('not_json', { url, expected: 'JSON in UTF-8', received: 'something else' });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new DocumentError('not_an_object', { url, expected: 'a JSON object', received: printable(value) });
  }
  return value as Readonly<Record<string, unknown>>;
}
