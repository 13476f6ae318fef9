import type { Fetch } from '@mcp-m2m/core';
import type { AuthorizedFetch } from '@mcp-m2m/core/client';

/** An HTTP exchange as far as it is looked at. */
export interface RecordedExchange {
  readonly method: string;
  /** Without query. */
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  /** The body of a refusal (status 400 and up), at most 64 KiB of it; empty otherwise. */
  readonly body: string;
  /** When the answer was there, in milliseconds since the epoch. */
  readonly answeredAt: number;
  /** Whether the request carried an Authorization header. */
  readonly authorized: boolean;
}

/** A `fetch` that remembers what came back. */
export interface ExchangeRecorder {
  readonly fetch: AuthorizedFetch;
  /** Exchanges so far, oldest first. */
  readonly exchanges: readonly RecordedExchange[];
}

const MOST_CHARACTERS = 65_536;
const MOST_EXCHANGES = 200;

/** Makes a `fetch` that remembers what came back, so that a refusal met inside an SDK can be explained. */
export function createExchangeRecorder(fetch: Fetch, now: () => number): ExchangeRecorder {
  const exchanges: RecordedExchange[] = [];
  return {
    exchanges,
    async fetch(input, init = {}) {
      // Every standard fetch takes a Request as well; none is sent from here.
      const response = await fetch(input as string, init);
      const url = new URL(input instanceof Request ? input.url : input);
      exchanges.push({
        method: init.method ?? 'GET',
        url: url.origin + url.pathname,
        status: response.status,
        headers: response.headers,
        body: response.status >= 400 ? await readRefusal(response) : '',
        answeredAt: now(),
        authorized: new Headers(init.headers).has('authorization'),
      });
      if (exchanges.length > MOST_EXCHANGES) exchanges.shift();
      return response;
    },
  };
}

async function readRefusal(response: Response): Promise<string> {
  const reader = response.clone().body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  try {
    while (text.length < MOST_CHARACTERS) {
      const { done, value } = await reader.read();
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
    await reader.cancel();
  } catch {
    // What was read until then is what there is.
  }
  return text.slice(0, MOST_CHARACTERS);
}
