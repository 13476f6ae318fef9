import { announceAnswer, protectRequest, type Answered, type Protected } from '@mcp-m2m/core/node';
import type { ResourceServer } from '@mcp-m2m/core/server';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { nodeRequestOf, nodeResponseOf, type HttpRequest, type HttpResponse } from './http-exchange.ts';
import { McpAuthException } from './mcp-auth.exception.ts';
import { MCP_RESOURCE_SERVER } from './mcp-auth.options.ts';
import { attachCaller, hasPassed, nameOf } from './protected-requests.ts';
import { readRouteProtection, type RouteProtection } from './route-protection.ts';

/**
 * Lets a request pass once its access token is verified and what it asks for is allowed, by the access policy and
 * by the route's decorators; throws a {@link McpAuthException} otherwise. For a route, a controller, or the whole
 * application.
 *
 * Does not check what the MCP handler behind it checks: protocol headers, sessions, the shape of messages.
 */
@Injectable()
export class McpAuthGuard implements CanActivate {
  readonly #server: ResourceServer;
  readonly #modules: ModulesContainer;
  // By controller and by handler: controllers may share one that they inherit.
  readonly #routes = new Map<unknown, Map<unknown, RouteProtection>>();

  constructor(
    @Inject(MCP_RESOURCE_SERVER) server: ResourceServer,
    @Inject(ModulesContainer) modules: ModulesContainer,
  ) {
    this.#server = server;
    this.#modules = modules;
  }

  /** @throws TypeError in a handler that is not reached over HTTP */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const protection = this.#protectionOf(context);
    if (protection === 'public') return true;
    assertHttp(context);
    const { resource, server } = protection;
    const http = context.switchToHttp();
    const request = http.getRequest<HttpRequest>();
    if (hasPassed(request, context, resource)) return true;
    const response = nodeResponseOf(http.getResponse<HttpResponse>());
    const node = nodeRequestOf(request);
    const { originalUrl: url = node.url ?? '/', body: parsedBody } = request;

    const settle = (settled: Protected | Answered): true => {
      if (!settled.ok) {
        // Whatever filter answers the refusal, the challenge is on the response.
        announceAnswer(response, settled.answer);
        throw new McpAuthException(settled.answer);
      }
      for (const [name, value] of Object.entries(settled.headers)) response.setHeader(name, value);
      attachCaller(request, context, resource, settled.caller);
      request.body = settled.parsedBody;
      return true;
    };

    const result = protectRequest(server, node, response, { url, parsedBody });
    return result instanceof Promise ? result.then(settle) : settle(result);
  }

  #protectionOf(context: ExecutionContext): RouteProtection {
    const [controller, handler] = [context.getClass(), context.getHandler() as () => unknown];
    const known = this.#routes.get(controller)?.get(handler);
    if (known !== undefined) return known;
    const protection = readRouteProtection(controller, handler, this.#server, this.#modules);
    const routes = this.#routes.get(controller) ?? new Map<unknown, RouteProtection>();
    this.#routes.set(controller, routes.set(handler, protection));
    return protection;
  }
}

function assertHttp(context: ExecutionContext): void {
  if (context.getType() === 'http') return;
  throw new TypeError(
    `McpAuthGuard protects HTTP routes, and ${nameOf(context)} is reached by "${context.getType()}". Authenticate the HTTP request that leads there, or mark the handler with @Public() to keep a global guard off it.`,
  );
}
