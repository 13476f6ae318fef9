import { createHash, randomUUID } from 'node:crypto';
import { createGates } from './contract-gates.ts';

/** What a handler behind an adapter found. */
export interface ContractRequest {
  readonly method: string;
  /** The caller, as the adapter attaches it. */
  readonly caller: object | undefined;
  /** The parsed body, as the adapter hands it on. */
  readonly parsedBody: unknown;
  /** Reads the request's body, where nobody but the adapter has read it and its stream reaches handlers. */
  readonly readStream?: () => Promise<string>;
}

/** What the handler answers; a `ReadableStream` is to be sent as it comes, and cancelled when the client leaves. */
export interface ContractAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | ReadableStream<Uint8Array>;
}

/** Answers one request that an adapter let pass. */
export type ContractHandler = (request: ContractRequest) => Promise<ContractAnswer>;

/**
 * Creates the handler that the contract's cases talk to: it answers with the caller and the body it was given.
 *
 * `initialize` opens a session. The tool `stream` answers with server-sent events, `slow` waits, both until the
 * tool `release` names their `gate`; `read` reads the stream, `spoil` changes the caller it was given. `status`
 * counts what was served and what is still open. One for each server.
 */
export function createContractHandler(): ContractHandler {
  const gates = createGates();
  let served = 0;
  let open = 0;

  return async (request) => {
    const { tool, gate } = readToolCall(request.parsedBody);
    if (tool === 'status') return json({ served, open });
    if (tool === 'release') return json({ released: gates.open(gate) });
    served++;
    if (tool === 'stream') {
      open++;
      return streamEvents(
        (isWaiting) => gates.passed(gate, isWaiting),
        () => open--,
      );
    }
    if (tool === 'slow') {
      open++;
      await gates.passed(gate);
      open--;
    }
    if (tool === 'read') return json({ stream: (await request.readStream?.()) ?? null });
    if (tool === 'spoil') spoil(request.caller);
    const session = opensSession(request.parsedBody) ? { 'Mcp-Session-Id': randomUUID() } : {};
    return json(describeRequest(request), session);
  };
}

function describeRequest({ method, caller, parsedBody }: ContractRequest): object {
  const token = caller !== undefined && 'token' in caller ? caller.token : undefined;
  const tokenDigest = typeof token === 'string' ? digestToken(token) : null;
  return {
    method,
    tokenDigest,
    caller: caller ?? null,
    parsedBody: isNothing(parsedBody) ? null : parsedBody,
  };
}

/** What a handler should not do, and must not do to the next caller with the same token. */
function spoil(caller: object | undefined): void {
  const { scopes } = caller as { readonly scopes?: unknown };
  if (Array.isArray(scopes)) scopes.push('admin');
  Object.assign(caller ?? {}, { spoilt: true });
}

/** Some parsers make an empty object of no body at all. */
function isNothing(body: unknown): boolean {
  return body === undefined || JSON.stringify(body) === '{}';
}

/** What the handler says of a token, which no answer may hold. */
export function digestToken(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function json(value: object, headers: Readonly<Record<string, string>> = {}): ContractAnswer {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(value),
  };
}

/** The events of the tool `stream`: the first comes at once, the others when the gate opens. */
export const STREAM_EVENTS: readonly string[] = [
  'id: 1\ndata: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1}}\n\n',
  ': a comment\n\n',
  'id: 2\nevent: message\ndata: {"jsonrpc":"2.0","id":7,\ndata: "result":{"text":"fünf €"}}\n\n',
];

function streamEvents(
  passed: (isWaiting: () => boolean) => Promise<void>,
  onEnd: () => void,
): ContractAnswer {
  const encoder = new TextEncoder();
  const [first = '', ...others] = STREAM_EVENTS;
  let ended = false;
  const end = (): void => {
    if (!ended) onEnd();
    ended = true;
  };
  const finish = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    if (ended) return;
    for (const event of others) controller.enqueue(encoder.encode(event));
    controller.close();
    end();
  };
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.enqueue(encoder.encode(first));
      void passed(() => !ended).then(() => finish(controller));
    },
    cancel: end,
  });
  const headers = { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' };
  return { status: 200, headers, body };
}

interface Call {
  readonly method?: unknown;
  readonly params?: { readonly name?: unknown; readonly arguments?: { readonly gate?: unknown } };
}

function readToolCall(body: unknown): { readonly tool: unknown; readonly gate: string } {
  const { method, params } = (body ?? {}) as Call;
  const gate = params?.arguments?.gate;
  return {
    tool: method === 'tools/call' ? params?.name : undefined,
    gate: typeof gate === 'string' ? gate : '',
  };
}

function opensSession(body: unknown): boolean {
  return (body as Call | null | undefined)?.method === 'initialize';
}
