import type { HttpAnswer } from '../server/index.ts';

/** A refusal or a document, byte for byte as core made it. */
export function toResponse({ status, headers, body }: HttpAnswer): Response {
  return new Response(status === 204 ? null : body, { status, headers });
}

/** Adds headers to a response, which stays the object it is wherever it may be changed. */
export function addHeaders(response: Response, headers: Readonly<Record<string, string>>): Response {
  const entries = Object.entries(headers);
  if (entries.length === 0) return response;
  try {
    for (const [name, value] of entries) response.headers.set(name, value);
    return response;
  } catch {
    // What `fetch` and `Response.redirect` return cannot be changed.
    const copy = new Response(response.body, response);
    for (const [name, value] of entries) copy.headers.set(name, value);
    return copy;
  }
}
