import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';

/** The endpoints of an authority; both well-known addresses are `metadata`, an unknown path is `other`. */
export type EndpointName = 'metadata' | 'jwks' | 'token' | 'introspection' | 'other';

/** One request that reached the authority, whether or not it was answered. */
export interface RecordedRequest {
  readonly endpoint: EndpointName;
  readonly method: string;
  /** As received, with the query. */
  readonly path: string;
  /** Names in lower case. Holds credentials: it is a record for assertions, not for logs. */
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** On the authority's clock, in milliseconds. */
  readonly time: number;
}

/** The longest request body that is kept; a token request is far below it. */
export const REQUEST_BODY_LIMIT_BYTES = 256 * 1024;

/**
 * Reads a request's body as text, or `undefined` when it is longer than {@link REQUEST_BODY_LIMIT_BYTES}.
 *
 * @throws whatever the connection failed with when the client went away
 */
export async function readRequestBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    // Read to the end all the same: leaving early would reset the connection before the refusal is sent.
    if (size <= REQUEST_BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  if (size > REQUEST_BODY_LIMIT_BYTES) return undefined;
  return Buffer.concat(chunks).toString('utf8');
}
