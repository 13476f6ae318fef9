/* oxlint-disable unicorn/prefer-add-event-listener, no-underscore-dangle -- the transports of the SDK, and names of the protocol */
import { setTimeout as sleep } from 'node:timers/promises';

import {
  PROTOCOL_VERSION_META_KEY,
  StreamableHTTPClientTransport,
  type JSONRPCMessage,
  type RequestId,
} from '@modelcontextprotocol/client';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';

import type { ConnectionFetch } from '../connection/open-session.ts';
import type { Terminal } from '../terminal.ts';
import { answerFailure } from './answer-failure.ts';
import { createSessionRenewal } from './lost-session.ts';
import { createParameterHeaders } from './parameter-headers.ts';

/** Dependencies of {@link runBridge}. */
export interface BridgeOptions {
  readonly url: string;
  /** Adds the token to what goes to the server. */
  readonly fetch: ConnectionFetch;
  readonly terminal: Pick<Terminal, 'in' | 'out' | 'signal'>;
  /** Told of what goes wrong outside a request; nothing else may be written where the client reads. */
  readonly onWarning: (message: string) => void;
}

interface PendingRequest {
  readonly id: RequestId;
  readonly controller: AbortController;
  /** Whether closing its stream cancels it (2026-07-28); else the server has to be told. */
  readonly closable: boolean;
  /** The session in which the server has taken it. */
  underWayIn?: string | undefined;
}

interface ClientMessage {
  readonly id?: RequestId;
  readonly method?: string;
  readonly params?: { readonly requestId?: RequestId; readonly _meta?: Readonly<Record<string, unknown>> };
}

/** A stream that breaks is taken up again, for some ten minutes. */
const RECONNECTION = {
  initialReconnectionDelay: 500,
  maxReconnectionDelay: 30_000,
  reconnectionDelayGrowFactor: 1.5,
  maxRetries: 30,
};
/** Nothing has reached the server where it does not listen, so that sending again repeats nothing. */
const RESEND_AFTER_MILLISECONDS = [200, 500, 1000, 2000];
const SESSION_LOST =
  'The server has lost the session while it worked on this; whether it was done is not known.';
/** Of one message of the client: a longer one ends the bridge. */
const MOST_MESSAGE_BYTES = 256 * 1024 * 1024;
const CLOSE_WITHIN_MILLISECONDS = 2000;

/**
 * Forwards a client that speaks MCP over stdio to a protected server that speaks it over HTTP, message by message, in
 * whichever revision the two agree on: requests, answers, notifications and streams in both directions.
 *
 * Knows nothing of what the messages say, but for what the transport demands: the handshake (its version goes into a
 * header, and a session that the server has lost is begun anew), cancellation, and arguments that travel as headers.
 *
 * @returns when the client closes its side, or the signal ends it
 */
export async function runBridge({ url, fetch, terminal, onWarning }: BridgeOptions): Promise<void> {
  const client = new StdioServerTransport(terminal.in, terminal.out, { maxBufferSize: MOST_MESSAGE_BYTES });
  /** How often the session was begun anew: a stream of an earlier one cannot be taken up again. */
  let generation = 0;
  const server = new StreamableHTTPClientTransport(new URL(url), {
    fetch,
    reconnectionOptions: RECONNECTION,
    reconnectionScheduler(reconnect, delay) {
      const scheduledIn = generation;
      const timer = setTimeout(() => {
        if (scheduledIn === generation) reconnect();
      }, delay);
      timer.unref();
      return () => clearTimeout(timer);
    },
  });
  const session = createSessionRenewal(server, () => void generation++);
  const headers = createParameterHeaders();
  const pending = new Map<RequestId, PendingRequest>();
  let handshake: RequestId | undefined;

  const toClient = (message: JSONRPCMessage): void => {
    client.send(message).catch(() => undefined);
  };

  server.onmessage = (message: JSONRPCMessage) => {
    if (session.absorb(message)) return;
    const { id, method, result } = message as { id?: RequestId; method?: string; result?: unknown };
    if (method === undefined && id !== undefined) {
      pending.delete(id);
      if (id === handshake) {
        const version = (result as { protocolVersion?: unknown } | undefined)?.protocolVersion;
        if (typeof version === 'string') server.setProtocolVersion(version);
        handshake = undefined;
      }
      headers.learn(message);
    }
    toClient(message);
  };
  // Failures of a request answer it; these are of streams that nobody asked for.
  server.onerror = (error) => {
    if (session.isLost(error)) renewInBackground();
  };

  /** Begins the session anew. What the server was at in the old one is lost with it. */
  async function renew(lost: string | undefined): Promise<void> {
    await session.renew(lost);
    for (const request of pending.values()) {
      if (request.underWayIn === undefined || request.underWayIn !== lost) continue;
      pending.delete(request.id);
      request.controller.abort();
      toClient(answerFailure(request.id, new Error(SESSION_LOST)));
    }
  }

  function renewInBackground(): void {
    renew(server.sessionId).catch(() => undefined);
  }

  async function send(message: JSONRPCMessage, request: PendingRequest | undefined): Promise<void> {
    const options = {
      ...(request === undefined ? {} : { requestSignal: request.controller.signal }),
      ...headersOption(headers.of(message)),
      onRequestStreamEnd() {
        if (request === undefined || !pending.delete(request.id)) return;
        toClient(answerFailure(request.id, new Error('The server closed the stream without an answer.')));
      },
    };
    let renewals = 0;
    for (let attempt = 0; ;) {
      await session.settled();
      const { sessionId } = server;
      try {
        await server.send(message, options);
        if (request !== undefined) request.underWayIn = sessionId;
        return;
      } catch (error) {
        if (session.isLost(error) && renewals++ === 0) {
          await renew(sessionId);
          continue;
        }
        const wait = RESEND_AFTER_MILLISECONDS[attempt++];
        if (wait === undefined || !isNotListening(error) || request?.controller.signal.aborted === true)
          throw error;
        await sleep(wait, undefined, { signal: terminal.signal });
      }
    }
  }

  client.onmessage = (message: JSONRPCMessage) => {
    session.remember(message);
    const { id, method, params } = message as ClientMessage;
    if (method === 'notifications/cancelled' && cancel(params?.requestId)) return;
    if (method === 'initialize') handshake = id;
    const request =
      method === undefined || id === undefined
        ? undefined
        : {
            id,
            controller: new AbortController(),
            closable: params?._meta?.[PROTOCOL_VERSION_META_KEY] !== undefined,
          };
    if (request !== undefined) pending.set(request.id, request);
    send(message, request).catch((error: unknown) => {
      if (request === undefined) onWarning(wordsOf(error));
      else if (pending.delete(request.id)) toClient(answerFailure(request.id, error));
    });
  };

  function cancel(id: RequestId | undefined): boolean {
    const request = id === undefined ? undefined : pending.get(id);
    if (request?.closable !== true) return false;
    pending.delete(request.id);
    request.controller.abort();
    return true;
  }

  await new Promise<void>((resolve) => {
    client.onclose = resolve;
    client.onerror = (error) => onWarning(wordsOf(error));
    terminal.signal.addEventListener('abort', () => resolve(), { once: true });
    void server.start().then(() => client.start());
  });
  for (const { controller } of pending.values()) controller.abort();
  const ended = server.terminateSession().catch(() => undefined);
  await Promise.race([ended, sleep(CLOSE_WITHIN_MILLISECONDS, undefined, { ref: false })]);
  await server.close();
  await client.close();
}

function headersOption(headers: Readonly<Record<string, string>> | undefined) {
  return headers === undefined ? {} : { headers };
}

function isNotListening(error: unknown): boolean {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 5;
    current = current.cause, depth++
  ) {
    if ((current as { code?: unknown }).code === 'ECONNREFUSED') return true;
  }
  return false;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : 'a failure';
}
