/**
 * Tells whether a request can be sent a second time with the same body: without one, or with a string,
 * bytes, `Blob`, `FormData` or `URLSearchParams`. A stream can be read only once, and so can the body of a
 * `Request`.
 */
export function isReplayable(input: string | URL | Request, init: RequestInit | undefined): boolean {
  const body: unknown = init?.body;
  if (body === undefined || body === null) return !(input instanceof Request) || input.body === null;
  return (
    typeof body === 'string' ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body) ||
    body instanceof Blob ||
    body instanceof FormData ||
    body instanceof URLSearchParams
  );
}
