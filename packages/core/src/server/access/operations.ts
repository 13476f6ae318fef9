/** What a request does to something that has a name of its own. */
export type OperationKind = 'tool' | 'resource' | 'prompt';

/** One JSON-RPC message of a request body, as far as access depends on it. */
export interface Operation {
  /** The request's id, to answer with; absent for notifications and responses. */
  readonly id: string | number | undefined;
  /** JSON-RPC method; absent for a response. */
  readonly method: string | undefined;
  /** What the method works on; absent for every other method. */
  readonly kind: OperationKind | undefined;
  /** Name of the tool or prompt, or the URI of the resource in the form URL libraries resolve it to. */
  readonly name: string | undefined;
  /** `arguments` of a tool or prompt, unchecked. */
  readonly arguments: unknown;
}

/** The messages of a body, in their order. */
export interface Operations {
  readonly batch: boolean;
  readonly operations: readonly Operation[];
}

const EVERY_KIND: ReadonlySet<OperationKind> = new Set(['tool', 'resource', 'prompt']);

/** Most messages in one batch. */
export const MAX_BATCH_LENGTH = 100;

/** Revisions from this one on know no batches (MCP 2025-06-18 removed them; these name themselves in `_meta`). */
const PROTOCOL_VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';

type Members = Readonly<Record<string, unknown>>;

/**
 * Reads what a JSON-RPC body asks for: one message or a batch.
 *
 * Reads no more of the messages than access depends on; that they are valid MCP is the server's to check.
 * Subscribing to a resource and completing its or a prompt's arguments counts as reading it; a message that
 * subscribes to several resources is an operation for each.
 *
 * @param body - the parsed body
 * @param namedKinds - what the policy judges by name; of other things a name may be missing, which is the server's to
 *   answer. Default: all
 * @returns `undefined` for what is not JSON-RPC, for an empty or overlong batch, for a batch with a message of
 *   revision 2026-07-28, and for a method that needs a name and has none
 * @see {@link https://www.jsonrpc.org/specification | JSON-RPC 2.0}
 */
export function readOperations(
  body: unknown,
  namedKinds: ReadonlySet<OperationKind> = EVERY_KIND,
): Operations | undefined {
  if (!Array.isArray(body)) {
    const operations = readMessage(body, namedKinds);
    return operations && { batch: false, operations };
  }
  if (body.length === 0 || body.length > MAX_BATCH_LENGTH || body.some(isOfModernRevision)) return undefined;
  const messages = body.map((message) => readMessage(message, namedKinds));
  return messages.every((message) => message !== undefined)
    ? { batch: true, operations: messages.flat() }
    : undefined;
}

/** One message is one operation, but for a subscription to several resources at once. */
function readMessage(
  message: unknown,
  namedKinds: ReadonlySet<OperationKind>,
): readonly Operation[] | undefined {
  const operation = readOperation(message, namedKinds);
  if (operation === undefined) return undefined;
  return operation.method === 'subscriptions/listen' ? readSubscriptions(operation, message) : [operation];
}

/** What revision 2026-07-28 has in the place of `resources/subscribe`: an operation for each resource. */
function readSubscriptions(operation: Operation, message: unknown): readonly Operation[] | undefined {
  const { params } = message as { params?: unknown };
  const notifications = isObject(params) ? params.notifications : undefined;
  const uris = isObject(notifications) ? notifications.resourceSubscriptions : undefined;
  if (uris === undefined) return [operation];
  if (!Array.isArray(uris) || uris.length > MAX_BATCH_LENGTH) return undefined;
  const reads = uris.map((uri: unknown) =>
    withName({ ...operation, kind: 'resource', name: resolveUri(uri) }, ALWAYS_NAMED),
  );
  return reads.every((read) => read !== undefined) ? [operation, ...reads] : undefined;
}

function readOperation(message: unknown, namedKinds: ReadonlySet<OperationKind>): Operation | undefined {
  if (!isObject(message)) return undefined;
  const { method, params } = message;
  if (method === undefined) {
    return 'result' in message || 'error' in message ? { ...UNNAMED, id: undefined, method } : undefined;
  }
  if (typeof method !== 'string') return undefined;
  const id = typeof message.id === 'string' || typeof message.id === 'number' ? message.id : undefined;
  const members = isObject(params) ? params : {};
  switch (method) {
    case 'tools/call':
      return withName(
        { id, method, kind: 'tool', name: members.name, arguments: members.arguments },
        namedKinds,
      );
    case 'prompts/get':
      return withName(
        { id, method, kind: 'prompt', name: members.name, arguments: members.arguments },
        namedKinds,
      );
    case 'resources/read':
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return withName(
        { id, method, kind: 'resource', name: resolveUri(members.uri), arguments: undefined },
        namedKinds,
      );
    case 'completion/complete':
      return readCompletion(id, method, members.ref, namedKinds);
    default:
      return { ...UNNAMED, id, method };
  }
}

function readCompletion(
  id: Operation['id'],
  method: string,
  ref: unknown,
  namedKinds: ReadonlySet<OperationKind>,
): Operation | undefined {
  if (!isObject(ref)) return undefined;
  if (ref.type === 'ref/prompt')
    return withName({ id, method, kind: 'prompt', name: ref.name, arguments: undefined }, namedKinds);
  if (ref.type !== 'ref/resource') return undefined;
  return withName(
    { id, method, kind: 'resource', name: resolveUri(ref.uri), arguments: undefined },
    namedKinds,
  );
}

/** In a list, a name that is missing is a mistake. */
const ALWAYS_NAMED: ReadonlySet<OperationKind> = new Set(['resource']);

const UNNAMED = { kind: undefined, name: undefined, arguments: undefined } as const;

type NamedOperation = Omit<Operation, 'name' | 'kind'> & {
  readonly kind: OperationKind;
  readonly name: unknown;
};

function withName(
  { id, method, kind, name, arguments: callArguments }: NamedOperation,
  namedKinds: ReadonlySet<OperationKind>,
): Operation | undefined {
  const isNamed = typeof name === 'string' || (name === undefined && !namedKinds.has(kind));
  return isNamed ? { id, method, kind, name, arguments: callArguments } : undefined;
}

const MAX_URI_LENGTH = 8192;
/** Is no name. */
const UNREADABLE = Symbol('unreadable');

/** A policy for `docs://a/` must not be walked around with `docs://b/../a/`, which handlers resolve. */
function resolveUri(uri: unknown): string | undefined | typeof UNREADABLE {
  if (uri === undefined) return undefined;
  // An overlong URI is refused rather than judged: what a policy cannot look at it must not let pass.
  if (typeof uri !== 'string' || uri.length > MAX_URI_LENGTH) return UNREADABLE;
  return URL.parse(uri)?.href ?? uri;
}

function isOfModernRevision(message: unknown): boolean {
  if (!isObject(message) || !isObject(message.params)) return false;
  const { _meta: meta } = message.params;
  return isObject(meta) && meta[PROTOCOL_VERSION_KEY] !== undefined;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
