import {
  protectRequest,
  targetOf,
  toResponse,
  type ProtectedRequest,
  type ProtectRequestOptions,
  type RefusedRequest,
} from '@mcp-m2m/core/fetch';
import {
  createResourceServer,
  type Caller,
  type ResourceServer,
  type ResourceServerOptions,
} from '@mcp-m2m/core/server';

/** Options of {@link mcpAuth}: those of a resource server. */
export type McpAuthOptions = ResourceServerOptions;

/** What {@link McpAuth.protect} is told beside the request. */
export type ProtectOptions = Omit<ProtectRequestOptions, 'onPass'>;

/**
 * A fetch handler that is told who calls, by the names that the MCP SDK's own handlers read. What the runtime
 * passes beside the request (`env`, `ctx`) follows.
 */
export type ProtectedHandler<Rest extends readonly unknown[] = []> = (
  request: Request,
  passed: { readonly authInfo: Caller; readonly parsedBody: unknown },
  ...rest: Rest
) => Response | Promise<Response>;

/** Protects one MCP server behind a fetch handler. */
export interface McpAuth {
  /** Serves the protected resource metadata at its well-known path (RFC 9728); `undefined` for another path. */
  readonly metadata: (request: Request) => Promise<Response> | undefined;
  /** Verifies the access token, then reads the body and judges what it asks for. */
  readonly protect: (
    request: Request,
    options?: ProtectOptions,
  ) => Promise<ProtectedRequest | RefusedRequest>;
  /**
   * Puts a fetch handler behind {@link protect}: it is called for requests that may be served, and its responses
   * are finished. Its request is the one that came, and its body can be read as if nobody had.
   */
  readonly protectHandler: <Rest extends readonly unknown[]>(
    handler: ProtectedHandler<Rest>,
  ) => (request: Request, ...rest: Rest) => Promise<Response>;
  /** The caller of a request that passed {@link protect}, by either of its two objects. */
  readonly callerOf: (request: Request) => Caller;
  /** Fetches the authorization servers' keys, for start-up. Never rejects: tells whether all are there. */
  readonly preload: ResourceServer['preload'];
}

/**
 * Protects an MCP server behind any fetch handler, on any runtime with web standards.
 *
 * Contacts the authorization servers when the first token arrives, not before. Does not check what the MCP
 * handler behind it checks: protocol headers, sessions, the shape of messages, the host that a request names.
 *
 * @throws TypeError for wrong configuration, naming the option and the mend
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization}
 */
export function mcpAuth(options: McpAuthOptions): McpAuth {
  const server = createResourceServer(options);
  const callers = new WeakMap<Request, Caller>();
  const onPass = (request: Request, caller: Caller): unknown => callers.set(request, caller);

  const protect: McpAuth['protect'] = (request, told) => {
    // Who called before must never pass for who calls now.
    callers.delete(request);
    return protectRequest(server, request, { ...told, onPass });
  };

  return {
    protect,
    protectHandler:
      (handler) =>
      async (request, ...rest) => {
        const result = await protect(request);
        if (!result.ok) return result.response;
        const { caller: authInfo, parsedBody } = result;
        return result.finish(await handler(request, { authInfo, parsedBody }, ...rest));
      },
    metadata: ({ method, url }) => server.answerMetadata(method, targetOf(url))?.then(toResponse),
    callerOf: (request) => {
      const caller = callers.get(request);
      if (caller !== undefined) return caller;
      throw new TypeError(
        'callerOf(request): this request did not pass protect(); call it with the same object.',
      );
    },
    preload: server.preload,
  };
}
