import type { RecordedExchange } from './exchange-recorder.ts';
import { CLIENT_INFO } from './mcp-session.ts';
import type { Walk } from './walk.ts';

/** Harmless wherever it should be answered. */
export const PING = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });

/** What a client of the older revisions says first. */
export const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: CLIENT_INFO },
});

/** Posts a message without a token; a session that comes of it is ended. */
export async function callWithoutToken(
  { recorder, signal }: Walk,
  url: string,
  message: string,
): Promise<RecordedExchange> {
  const response = await recorder.fetch(url, {
    method: 'POST',
    headers: { accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
    body: message,
    redirect: 'manual',
    signal,
  });
  const answer = recorder.since(recorder.count() - 1)[0] as RecordedExchange;
  await response.body?.cancel().catch(() => undefined);
  const session = answer.headers.get('mcp-session-id');
  if (session !== null) {
    const ended = recorder.fetch(url, {
      method: 'DELETE',
      headers: { 'mcp-session-id': session },
      redirect: 'manual',
      signal,
    });
    await ended.then(({ body }) => body?.cancel()).catch(() => undefined);
  }
  return answer;
}
