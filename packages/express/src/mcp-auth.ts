import {
  announceAnswer,
  createMetadataMiddleware,
  protectRequest,
  writeAnswer,
  type Answered,
  type Protected,
} from '@mcp-m2m/core/node';
import {
  createResourceServer,
  type Caller,
  type ResourceServer,
  type ResourceServerOptions,
} from '@mcp-m2m/core/server';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { McpAuthError } from './mcp-auth-error.ts';

declare global {
  // Express takes the members of its requests from this namespace.
  namespace Express {
    interface Request {
      /** Who calls, once `protect()` let the request pass. The MCP SDK's handlers read it as their `AuthInfo`. */
      auth?: Caller;
    }
  }
}

/** Options of {@link mcpAuth}: those of a resource server, and one of Express. */
export interface McpAuthOptions extends ResourceServerOptions {
  /**
   * Who answers a request that must not be served: `protect()` itself (`answer`, the default), or the application's
   * error handlers (`next`), which get a {@link McpAuthError}. The challenge is on the response by then. Preflights
   * are answered by `protect()` either way.
   */
  readonly onRefusal?: 'answer' | 'next';
}

/** Protects one MCP server in Express. */
export interface McpAuth {
  /** Serves the protected resource metadata at its well-known path (RFC 9728). Mount it at the application's root. */
  readonly metadata: () => RequestHandler;
  /**
   * Lets a request pass once its access token is verified and its operations are allowed, with the caller
   * as `req.auth`; answers it otherwise, unless `onRefusal` says `next`. Works before and after `express.json()`.
   */
  readonly protect: () => RequestHandler;
  /** The caller of a request that passed {@link protect}. */
  readonly callerOf: (request: Request) => Caller;
  /** Fetches the authorization servers' keys, for start-up. Never rejects: tells whether all are there. */
  readonly preload: ResourceServer['preload'];
}

/**
 * Protects an MCP server in Express 4 and 5.
 *
 * Contacts the authorization servers when the first token arrives, not before. Does not check what the MCP
 * handler behind it checks: protocol headers, sessions, the shape of messages.
 *
 * @throws TypeError for wrong configuration, naming the option and the mend
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization}
 */
export function mcpAuth(options: McpAuthOptions): McpAuth {
  const { onRefusal = 'answer', ...serverOptions } = options;
  if (onRefusal !== 'answer' && onRefusal !== 'next') {
    throw new TypeError('onRefusal must be "answer" or "next".');
  }
  const server = createResourceServer(serverOptions);

  const refuse = ({ answer }: Answered, response: Response, next: NextFunction): void => {
    if (onRefusal === 'answer' || !('reason' in answer)) return writeAnswer(response, answer);
    announceAnswer(response, answer);
    next(new McpAuthError(answer));
  };

  const settle = (
    result: Protected | Answered,
    request: Request,
    response: Response,
    next: NextFunction,
  ): void => {
    if (!result.ok) return refuse(result, response, next);
    response.set(result.headers);
    request.auth = result.caller;
    request.body = result.parsedBody;
    next();
  };

  return {
    metadata: () => createMetadataMiddleware(server),
    protect: () => (request, response, next) => {
      // What an earlier middleware left there must never pass for a verified caller.
      if (request.auth !== undefined) delete request.auth;
      const parsedBody: unknown = request.body;
      const url = request.originalUrl;
      const result = protectRequest(server, request, response, { url, parsedBody });
      if (!(result instanceof Promise)) return settle(result, request, response, next);
      result.then((waited) => settle(waited, request, response, next), next);
    },
    callerOf: ({ auth }) => {
      if (auth !== undefined) return auth;
      throw new TypeError(
        'callerOf(request): this request did not pass protect(); mount it before this handler.',
      );
    },
    preload: server.preload,
  };
}
