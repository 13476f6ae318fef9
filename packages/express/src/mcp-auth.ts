import { protectRequest, writeAnswer, type Answered, type Protected } from '@mcp-m2m/core/node';
import {
  createResourceServer,
  type Caller,
  type ResourceServer,
  type ResourceServerOptions,
} from '@mcp-m2m/core/server';
import type { NextFunction, Request, RequestHandler, Response } from 'express';

declare global {
  // Express takes the members of its requests from this namespace.
  namespace Express {
    interface Request {
      /** Who calls, once `protect()` let the request pass. The MCP SDK's handlers read it as their `AuthInfo`. */
      auth?: Caller;
    }
  }
}

/** Options of {@link mcpAuth}: those of a resource server. */
export type McpAuthOptions = ResourceServerOptions;

/** Protects one MCP server in Express. */
export interface McpAuth {
  /** Serves the protected resource metadata at its well-known path (RFC 9728). Mount it at the application's root. */
  readonly metadata: () => RequestHandler;
  /**
   * Lets a request pass once its access token is verified and its operations are allowed, with the caller
   * as `req.auth`; answers it otherwise. Works before and after `express.json()`.
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
  const server = createResourceServer(options);

  const settle = (
    result: Protected | Answered,
    request: Request,
    response: Response,
    next: NextFunction,
  ): void => {
    if (!result.ok) return writeAnswer(response, result.answer);
    response.set(result.headers);
    request.auth = result.caller;
    request.body = result.parsedBody;
    next();
  };

  return {
    metadata: () => (request, response, next) => {
      const answer = server.answerMetadata(request.method, request.originalUrl);
      if (answer === undefined) return next();
      answer.then((document) => writeAnswer(response, document)).catch(next);
    },
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
