import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Pieces of a body, sent one after the other; a generator may be endless. */
export type BodyChunks = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** What an endpoint sends, sensible or not. At most one of `json`, `body` and `chunks` is used, in this order. */
export interface EndpointAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: OutgoingHttpHeaders;
  /** Serialised, with `content-type: application/json` unless `headers` names another. */
  readonly json?: unknown;
  /** Sent exactly as it is, with its `content-length` and no content type of its own. */
  readonly body?: string | Uint8Array;
  /** Sent chunked, piece by piece. */
  readonly chunks?: BodyChunks;
  /** The pause before each chunk, in milliseconds. Default 0. */
  readonly millisecondsBetweenChunks?: number;
  /** Cut the connection instead of ending the body, so that the client sees a truncated answer. */
  readonly thenReset?: boolean;
}

/**
 * Writes an answer, and stops as soon as the client or the server closes the connection.
 *
 * @param extraHeaders - sent unless the answer names them itself
 */
export async function sendAnswer(
  response: ServerResponse,
  answer: EndpointAnswer,
  extraHeaders: OutgoingHttpHeaders = {},
): Promise<void> {
  const headers = { ...extraHeaders, ...answer.headers };
  if (
    answer.json !== undefined &&
    !Object.keys(headers).some((name) => name.toLowerCase() === 'content-type')
  ) {
    headers['content-type'] = 'application/json';
  }
  response.writeHead(answer.status ?? 200, headers);
  if (answer.json === undefined && answer.body === undefined && answer.chunks !== undefined) {
    await sendChunks(response, answer.chunks, answer.millisecondsBetweenChunks ?? 0);
    if (response.destroyed) return;
    if (answer.thenReset === true) response.destroy();
    else response.end();
    return;
  }
  const body = answer.json === undefined ? (answer.body ?? '') : JSON.stringify(answer.json);
  if (answer.thenReset === true) response.write(body, () => response.destroy());
  else response.end(body);
}

async function sendChunks(response: ServerResponse, chunks: BodyChunks, pause: number): Promise<void> {
  const stopped = new AbortController();
  response.once('close', () => stopped.abort());
  // A flush lets a client see the status line even when the first chunk is a long time coming.
  response.flushHeaders();
  try {
    for await (const chunk of chunks) {
      if (pause > 0) await sleep(pause, undefined, { signal: stopped.signal });
      if (response.destroyed) return;
      if (!response.write(chunk)) await drained(response);
    }
  } catch (error) {
    if (!stopped.signal.aborted) throw error;
  }
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off('drain', settle).off('close', settle);
      resolve();
    };
    response.on('drain', settle).on('close', settle);
  });
}
