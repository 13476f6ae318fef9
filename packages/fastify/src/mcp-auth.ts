import {
  authenticateRequest,
  authorizeRequest,
  protectRequest,
  writeAnswer,
  type Answered,
  type Protected,
} from '@mcp-m2m/core/node';
import {
  createResourceServer,
  type Authenticated,
  type Caller,
  type HttpAnswer,
  type ResourceServer,
  type ResourceServerOptions,
} from '@mcp-m2m/core/server';
import type { FastifyPluginCallback, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import fastifyPlugin from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls, once `protect()` let the request pass: in handlers, and in `preHandler` hooks that come later. */
    auth?: Caller | undefined;
  }
}

/** Options of {@link mcpAuth}: those of a resource server. */
export type McpAuthOptions = ResourceServerOptions;

/** Protects one MCP server in Fastify. */
export interface McpAuth {
  /**
   * Serves the protected resource metadata at its well-known path (RFC 9728). A plugin for the application's root,
   * before whatever asks for credentials.
   */
  readonly metadata: () => FastifyPluginCallback;
  /**
   * A plugin that protects every route of the scope in which it is registered, and of the scopes inside that one.
   *
   * The access token is verified in `onRequest`, before the body is parsed and validated; the operations are judged
   * in `preHandler`, as parsers and schemas left them. The caller is `request.auth` and, for the MCP SDK's handlers,
   * `request.raw.auth`. A refusal goes past serializers and `onSend` hooks, with the headers set before it.
   */
  readonly protect: () => FastifyPluginCallback;
  /** The caller of a request that passed {@link protect}. */
  readonly callerOf: (request: Pick<FastifyRequest, 'auth'>) => Caller;
  /** Fetches the authorization servers' keys, for start-up. Never rejects: tells whether all are there. */
  readonly preload: ResourceServer['preload'];
}

/**
 * Protects an MCP server in Fastify 4 and 5.
 *
 * Contacts the authorization servers when the first token arrives, not before. Does not check what the MCP
 * handler behind it checks: protocol headers, sessions, the shape of messages.
 *
 * @throws TypeError for wrong configuration, naming the option and the mend
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization}
 */
export function mcpAuth(options: McpAuthOptions): McpAuth {
  const server = createResourceServer(options);
  // A property of the request: a WeakMap of all that are under way costs the garbage collector more than the rest.
  const known = Symbol('authenticated');
  interface Known {
    [known]?: Authenticated | undefined;
  }

  const authenticate = (
    request: FastifyRequest,
    reply: FastifyReply,
    done: HookHandlerDoneFunction,
  ): void => {
    // Registered for a scope and for one around it: a proof is good for one look.
    if ((request as Known)[known] !== undefined) return done();
    // What an earlier hook left there must never pass for a verified caller.
    attach(request, undefined);
    continueWith(
      authenticateRequest(server, request.raw, request.originalUrl),
      reply,
      done,
      (authenticated) => {
        (request as Known)[known] = authenticated;
      },
    );
  };

  const authorize = (request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void => {
    const { raw, body: parsedBody, originalUrl: url } = request;
    const { [known]: authenticated } = request as Known;
    // `reply.callNotFound()` leads here again, or, called by an earlier hook, for the first time.
    if (authenticated !== undefined && request.auth === authenticated.caller) return done();
    const result =
      authenticated === undefined
        ? protectRequest(server, raw, reply.raw, { url, parsedBody })
        : authorizeRequest(authenticated, raw, reply.raw, parsedBody);
    continueWith(result, reply, done, (passed: Protected) => {
      attach(request, passed.caller);
      request.body = passed.parsedBody;
    });
  };

  return {
    metadata: () =>
      createPlugin((instance, _options, registered) => {
        if ('addHook' in (Object.getPrototypeOf(instance) as object)) {
          const mend = "register it on the application itself, whose root is the origin's.";
          return registered(new TypeError(`metadata() does not work in a scope: ${mend}`));
        }
        instance.addHook('onRequest', (request, reply, done) => {
          const answer = server.answerMetadata(request.method, request.originalUrl);
          if (answer === undefined) return done();
          answer.then((document) => write(reply, document)).catch(done);
        });
        registered();
      }),
    protect: () =>
      createPlugin((instance, _options, registered) => {
        for (const name of ['auth', known]) {
          if (!instance.hasRequestDecorator(name)) instance.decorateRequest(name, undefined);
        }
        instance.addHook('onRequest', authenticate).addHook('preHandler', authorize);
        registered();
      }),
    callerOf: ({ auth }) => {
      if (auth !== undefined) return auth;
      throw new TypeError(
        'callerOf(request): this request did not pass protect(); register it for this scope.',
      );
    },
    preload: server.preload,
  };
}

/** A plugin whose hooks are those of the scope that registers it. */
function createPlugin(plugin: FastifyPluginCallback): FastifyPluginCallback {
  return fastifyPlugin(plugin, { name: '@mcp-m2m/fastify', fastify: '4.x || 5.x' });
}

function continueWith<Passed extends Pick<Protected, 'ok' | 'headers'>>(
  result: Passed | Answered | Promise<Passed | Answered>,
  reply: FastifyReply,
  done: HookHandlerDoneFunction,
  onPass: (passed: Passed) => void,
): void {
  const settle = (settled: Passed | Answered): void => {
    if (!settled.ok) return write(reply, settled.answer);
    // Whoever answers, by `reply` or by `reply.raw`, sends these along.
    for (const [name, value] of Object.entries(settled.headers)) reply.raw.setHeader(name, value);
    onPass(settled);
    done();
  };
  if (result instanceof Promise) result.then(settle, done);
  else settle(result);
}

/** Where Fastify's handlers look for the caller, and where the MCP SDK's do. */
function attach(request: FastifyRequest, caller: Caller | undefined): void {
  const raw = request.raw as { auth?: Caller | undefined };
  if (request.auth !== caller) request.auth = caller;
  if (raw.auth !== caller) raw.auth = caller;
}

/** Past Fastify's own answer, which serializers and `onSend` hooks would change. */
function write(reply: FastifyReply, answer: HttpAnswer): void {
  const { raw } = reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) raw.setHeader(name, value);
  }
  writeAnswer(raw, answer);
}
