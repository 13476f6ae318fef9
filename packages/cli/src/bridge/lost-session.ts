import {
  isInitializedNotification,
  isInitializeRequest,
  SdkHttpError,
  type JSONRPCMessage,
  type StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';

/** Begins a session anew where the server has lost it, without the client noticing. */
export interface SessionRenewal {
  /** Looks at what the client sends: its handshake is kept. */
  remember(message: JSONRPCMessage): void;
  /** Whether a failure says that the session is gone. */
  isLost(error: unknown): boolean;
  /**
   * Repeats the handshake; once, however many requests wait for it.
   *
   * @param lost - the session that is gone; another one in its place is kept
   */
  renew(lost: string | undefined): Promise<void>;
  /** Waits while the handshake is being repeated. */
  settled(): Promise<void>;
  /** Takes the answer to a repeated handshake out of what the client gets to see. */
  absorb(message: JSONRPCMessage): boolean;
}

const ID_PREFIX = 'bridge-handshake-';
const UNKNOWN_SESSION = /session|not initialized/i;
const ANSWER_WITHIN_MILLISECONDS = 30_000;

/**
 * @param transport - towards the server
 * @param onRenewed - told once the new session is there, before its stream is opened
 * @see {@link https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management | MCP, session management}
 */
export function createSessionRenewal(
  transport: StreamableHTTPClientTransport,
  onRenewed: () => void,
): SessionRenewal {
  let initialize: JSONRPCMessage | undefined;
  let initialized: JSONRPCMessage | undefined;
  let renewal: Promise<void> | undefined;
  let awaited: { readonly id: string; readonly settle: (message: JSONRPCMessage) => void } | undefined;
  let count = 0;

  async function repeatHandshake(): Promise<void> {
    const id = `${ID_PREFIX}${++count}`;
    const answer = new Promise<JSONRPCMessage>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error('The server does not answer the handshake of a new session.'));
      }, ANSWER_WITHIN_MILLISECONDS);
      awaited = {
        id,
        settle(message) {
          clearTimeout(timer);
          resolve(message);
        },
      };
    });
    // Its failure is that of `send`, where that fails first.
    answer.catch(() => undefined);
    await transport.send({ ...initialize, id } as JSONRPCMessage);
    if ('error' in (await answer)) throw new Error('The server refuses a new session.');
    onRenewed();
    if (initialized !== undefined) await transport.send(initialized);
  }

  return {
    remember(message) {
      if (isInitializeRequest(message)) initialize = message;
      if (isInitializedNotification(message)) initialized = message;
    },
    isLost(error) {
      if (!(error instanceof SdkHttpError) || transport.sessionId === undefined) return false;
      const { status, text } = error.data ?? {};
      // The specification wants 404; many servers that keep their sessions in a table say so with 400.
      const isUnknown =
        status === 404 || (status === 400 && typeof text === 'string' && UNKNOWN_SESSION.test(text));
      return isUnknown && initialize !== undefined;
    },
    async settled() {
      // Whoever asked for it is told of its failure.
      await renewal?.catch(() => undefined);
    },
    async renew(lost) {
      if (renewal === undefined && transport.sessionId !== lost) return;
      renewal ??= repeatHandshake().finally(() => {
        renewal = undefined;
        awaited = undefined;
      });
      await renewal;
    },
    absorb(message) {
      const { id } = message as { id?: unknown };
      if (awaited === undefined || id !== awaited.id) return false;
      awaited.settle(message);
      return true;
    },
  };
}
