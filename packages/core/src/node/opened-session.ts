import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { SESSION_HEADER } from '../server/session-header.ts';

/**
 * Tells the session id that a response hands out, when its head is written.
 *
 * @param onSession - called for each `Mcp-Session-Id` that the response has, which is one as a rule
 */
export function watchOpenedSession(response: ServerResponse, onSession: (sessionId: string) => void): void {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = ((...parameters: Parameters<typeof writeHead>) => {
    response.writeHead = writeHead;
    const headers = parameters.find((parameter) => typeof parameter === 'object');
    const given = readHeaders(headers);
    // Before the head leaves: the client may use its session at once.
    for (const id of given.length > 0 ? given.flat() : [response.getHeader(SESSION_HEADER)].flat()) {
      if (typeof id === 'string' || typeof id === 'number') onSession(String(id));
    }
    return writeHead(...parameters);
  }) as typeof writeHead;
}

/** Values of the header in what `writeHead` takes: an object, names and values in turn, or pairs of them. */
function readHeaders(headers: OutgoingHttpHeaders | readonly unknown[] | null | undefined): unknown[] {
  if (headers === undefined || headers === null) return [];
  return entriesOf(headers)
    .filter(([name]) => String(name).toLowerCase() === SESSION_HEADER)
    .map(([, value]) => value);
}

function entriesOf(headers: OutgoingHttpHeaders | readonly unknown[]): (readonly unknown[])[] {
  if (!Array.isArray(headers)) return Object.entries(headers);
  const list: readonly unknown[] = headers;
  if (list.every(Array.isArray)) return [...list];
  return list.flatMap((name, index) => (index % 2 === 0 ? [[name, list[index + 1]]] : []));
}
