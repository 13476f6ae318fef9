import type { Finding } from './diagnosis.ts';
import { failure } from './findings.ts';
import { fetchOf } from './mcp-session.ts';
import type { Walk } from './walk.ts';

const MOST_BYTES = 4096;

/**
 * Finds out whether a server that takes no POST speaks the transport of 2024-11-05, HTTP with Server-Sent Events: its
 * stream begins with the event `endpoint`.
 *
 * @returns nothing where there is no sign of it
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#backward-compatibility | Streamable HTTP, backward compatibility}
 */
export async function findLegacyTransport(walk: Walk): Promise<Finding | undefined> {
  const { resource } = walk.settings;
  let sign: string | undefined;
  try {
    const response = await fetchOf(walk)(resource, {
      headers: { accept: 'text/event-stream' },
      redirect: 'manual',
      signal: walk.signal,
    });
    if (response.status === 401 && walk.token === undefined) {
      sign = 'it asks for a token where an event stream is asked for by GET, and knows no POST';
    } else if (await beginsWithEndpoint(response)) {
      sign = 'its event stream begins with the address that messages go to';
    }
    await response.body?.cancel().catch(() => undefined);
  } catch {
    // It was only a question.
  }
  if (sign === undefined) return undefined;
  return failure(
    'legacy_transport',
    `The server at ${resource} speaks the transport of 2024-11-05 (HTTP with Server-Sent Events), which was replaced in 2025: ${sign}.`,
    'See whether it has an endpoint for Streamable HTTP as well, often at /mcp, and configure that; otherwise have its operator update the MCP SDK it is built with.',
  );
}

async function beginsWithEndpoint(response: Response): Promise<boolean> {
  const type = response.headers.get('content-type') ?? '';
  if (response.status !== 200 || !/^text\/event-stream\b/i.test(type)) return false;
  const reader = response.body?.getReader();
  if (reader === undefined) return false;
  const decoder = new TextDecoder();
  let text = '';
  try {
    while (text.length < MOST_BYTES && !/\n\r?\n|\r\r/.test(text)) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    await reader.cancel().catch(() => undefined);
    reader.releaseLock();
  }
  return /^event: ?endpoint\s*$/m.test(text);
}
