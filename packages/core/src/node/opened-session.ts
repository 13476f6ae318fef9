import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';

const SESSION_HEADER = 'mcp-session-id';

/**
 * Tells the session id that a response hands out, when its head is written.
 *
 * @param onSession - called once, and only when the response has the header `Mcp-Session-Id`
 */
export function watchOpenedSession(response: ServerResponse, onSession: (sessionId: string) => void): void {
  const writeHead = response.writeHead.bind(response);
  response.writeHead = ((...parameters: Parameters<typeof writeHead>) => {
    response.writeHead = writeHead;
    const headers = parameters.find((parameter) => typeof parameter === 'object');
    const sessionId = findHeader(headers) ?? response.getHeader(SESSION_HEADER);
    if (typeof sessionId === 'string') onSession(sessionId);
    return writeHead(...parameters);
  }) as typeof writeHead;
}

/** Headers come as an object, or as an array of alternating names and values. */
function findHeader(
  headers: OutgoingHttpHeaders | OutgoingHttpHeader[] | undefined,
): OutgoingHttpHeader | undefined {
  if (headers === undefined) return undefined;
  if (!Array.isArray(headers)) {
    return Object.entries(headers).find(([name]) => name.toLowerCase() === SESSION_HEADER)?.[1];
  }
  const index = headers.findIndex(
    (name, position) => position % 2 === 0 && String(name).toLowerCase() === SESSION_HEADER,
  );
  return index === -1 ? undefined : headers[index + 1];
}
