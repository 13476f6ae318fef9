/** The header that names a session of the older protocol revision, in lower case. */
export const SESSION_HEADER = 'mcp-session-id';

/**
 * Tells whether a request asks for a session: then the response's {@link SESSION_HEADER} names one that is this
 * caller's.
 *
 * @param body - the parsed body, a message or a batch
 */
export function opensSession(body: unknown): boolean {
  return Array.isArray(body) ? body.some(isInitialize) : isInitialize(body);
}

function isInitialize(message: unknown): boolean {
  return (message as { method?: unknown } | null | undefined)?.method === 'initialize';
}
