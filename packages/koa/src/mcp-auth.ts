import { protectRequest, writeAnswer } from '@mcp-m2m/core/node';
import {
  createResourceServer,
  type Caller,
  type HttpAnswer,
  type ResourceServer,
  type ResourceServerOptions,
} from '@mcp-m2m/core/server';
import type { Context, Middleware } from 'koa';

declare module 'koa' {
  interface DefaultState {
    /** Who calls, once `protect()` let the request pass. */
    auth?: Caller;
  }
  interface DefaultContext {
    /** The same as `state.auth`. */
    auth?: Caller;
  }
}

/** Options of {@link mcpAuth}: those of a resource server. */
export type McpAuthOptions = ResourceServerOptions;

/** Protects one MCP server in Koa. */
export interface McpAuth {
  /**
   * Serves the protected resource metadata at its well-known path (RFC 9728). Use it in the application that
   * serves the origin's root, before whatever asks for credentials.
   */
  readonly metadata: () => Middleware;
  /**
   * Lets a request pass once its access token is verified and its operations are allowed, with the caller
   * as `ctx.state.auth`, as `ctx.auth` and, for the MCP SDK's handlers, as `ctx.req.auth`; answers it otherwise.
   * Works before and after body parsers, and sets `ctx.request.body` as they do.
   */
  readonly protect: () => Middleware;
  /** The caller of a request that passed {@link protect}. */
  readonly callerOf: (context: Pick<Context, 'state'>) => Caller;
  /** Fetches the authorization servers' keys, for start-up. Never rejects: tells whether all are there. */
  readonly preload: ResourceServer['preload'];
}

/**
 * Protects an MCP server in Koa 2 and 3.
 *
 * Contacts the authorization servers when the first token arrives, not before. Does not check what the MCP
 * handler behind it checks: protocol headers, sessions, the shape of messages.
 *
 * @throws TypeError for wrong configuration, naming the option and the mend
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization}
 */
export function mcpAuth(options: McpAuthOptions): McpAuth {
  const server = createResourceServer(options);

  return {
    metadata: () => async (context, next) => {
      const answer = server.answerMetadata(context.method, targetOf(context));
      if (answer === undefined) return next();
      write(context, await answer);
    },
    protect: () => async (context, next) => {
      // What an earlier middleware left there must never pass for a verified caller.
      attach(context, undefined);
      const request = context.request as { body?: unknown };
      const judged = { url: targetOf(context), parsedBody: request.body };
      const answered = protectRequest(server, context.req, context.res, judged);
      const result = answered instanceof Promise ? await answered : answered;
      if (!result.ok) return write(context, result.answer);
      context.set(result.headers);
      attach(context, result.caller);
      request.body = result.parsedBody;
      return next();
    },
    callerOf: ({ state }) => {
      const { auth } = state as { readonly auth?: Caller };
      if (auth !== undefined) return auth;
      throw new TypeError(
        'callerOf(ctx): this request did not pass protect(); use it before this middleware.',
      );
    },
    preload: server.preload,
  };
}

/** The target as received: koa-mount rewrites `ctx.url`, and a server that Koa is mounted in rewrites `req.url`. */
function targetOf({ req, originalUrl }: Pick<Context, 'req' | 'originalUrl'>): string {
  return (req as { readonly originalUrl?: string }).originalUrl ?? originalUrl;
}

/** Where Koa's middleware looks for the caller, and where the MCP SDK's handlers do. */
function attach(context: Context, caller: Caller | undefined): void {
  for (const holder of [context.state, context, context.req] as { auth?: Caller }[]) {
    if (caller !== undefined) holder.auth = caller;
    else if (holder.auth !== undefined) delete holder.auth;
  }
}

/** Past Koa's own answer, which would be changed by whatever comes before this middleware. */
function write(context: Pick<Context, 'respond' | 'res'>, answer: HttpAnswer): void {
  context.respond = false;
  writeAnswer(context.res, answer);
}
