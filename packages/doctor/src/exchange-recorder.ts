import type { Fetch } from '@mcp-m2m/core';
import type { AuthorizedFetch } from '@mcp-m2m/core/client';

import { createBodyBound, readBeginning } from './bounded-answer.ts';
import { untilAborted } from './deadline.ts';
import { describeForm, secretsOf } from './request-secrets.ts';

/** An HTTP exchange as far as it is looked at. */
export interface RecordedExchange {
  readonly method: string;
  /** Without query. */
  readonly url: string;
  /** The form that was sent, if one was, without secrets. */
  readonly form: string | undefined;
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
  /** How many exchanges there have been. */
  count(): number;
  /** The exchanges since there were so many, oldest first; at most the latest 200. */
  since(count: number): readonly RecordedExchange[];
}

/** What {@link createExchangeRecorder} is made of. */
export interface ExchangeRecorderOptions {
  /** Performs the requests. */
  readonly fetch: Fetch;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Told of every secret that is sent, before it is. */
  readonly onSecret: (secret: string) => void;
  /** Ends whatever is still under way. */
  readonly ended: AbortSignal;
}

const MOST_EXCHANGES = 200;

/**
 * Makes a `fetch` that remembers what came back, so that a refusal met inside an SDK can be explained, and bounds what
 * a server can make anybody read.
 */
export function createExchangeRecorder({
  fetch,
  now,
  onSecret,
  ended,
}: ExchangeRecorderOptions): ExchangeRecorder {
  const exchanges: RecordedExchange[] = [];
  const boundBody = createBodyBound();
  let dropped = 0;
  return {
    count: () => dropped + exchanges.length,
    since: (count) => exchanges.slice(Math.max(0, count - dropped)),
    async fetch(input, init = {}) {
      const headers = new Headers(init.headers);
      for (const secret of secretsOf(headers, init.body)) onSecret(secret);
      // Every standard fetch takes a Request as well; none is sent from here.
      const signal =
        init.signal === undefined || init.signal === null ? ended : AbortSignal.any([init.signal, ended]);
      const response = await untilAborted(fetch(input as string, { ...init, signal }), signal);
      const url = new URL(input instanceof Request ? input.url : input);
      const refused = response.status >= 400;
      const beginning = refused ? await readBeginning(response, signal) : undefined;
      exchanges.push({
        method: init.method ?? 'GET',
        url: url.origin + url.pathname,
        form: describeForm(headers, init.body),
        status: response.status,
        headers: response.headers,
        body: beginning?.text ?? '',
        answeredAt: now(),
        authorized: headers.has('authorization'),
      });
      if (exchanges.length > MOST_EXCHANGES) {
        exchanges.shift();
        dropped++;
      }
      return beginning === undefined ? boundBody(response) : beginning.response;
    },
  };
}
