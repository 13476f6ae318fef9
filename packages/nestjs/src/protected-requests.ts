import type { Caller, ResourceServer } from '@mcp-m2m/core/server';
import type { ExecutionContext } from '@nestjs/common';
import { nodeRequestOf, type HttpRequest } from './http-exchange.ts';

interface Passed {
  /** Whose this is: not that of a copy of the request, nor of an object that inherits from it. */
  readonly request: object;
  readonly resource: ResourceServer;
  readonly controller: unknown;
  readonly handler: unknown;
  readonly caller: Caller;
}

// In the requests, by a name that nobody else has: a WeakMap of all that are under way costs the garbage collector
// more than the rest of the guard.
const PASSED = Symbol('passed');

type PassedRequest = object & { [PASSED]?: Passed };

function passageOf(request: HttpRequest): Passed | undefined {
  const node: PassedRequest = nodeRequestOf(request);
  const passed = node[PASSED];
  return passed?.request === node ? passed : undefined;
}

/**
 * Whether another guard has let this request pass to this very route already: a proof would not be accepted twice.
 * A request that goes on to a further route is judged anew.
 */
export function hasPassed(
  request: HttpRequest,
  context: ExecutionContext,
  resource: ResourceServer,
): boolean {
  const before = passageOf(request);
  return (
    before !== undefined &&
    before.resource === resource &&
    before.controller === context.getClass() &&
    before.handler === context.getHandler()
  );
}

/** Attaches the caller, for handlers, for the MCP SDK (`auth`) and for who follows NestJS' custom (`user`). */
export function attachCaller(
  request: HttpRequest,
  context: ExecutionContext,
  resource: ResourceServer,
  caller: Caller,
): void {
  const node = nodeRequestOf(request);
  (node as PassedRequest)[PASSED] = {
    request: node,
    resource,
    controller: context.getClass(),
    handler: context.getHandler(),
    caller,
  };
  request.auth = request.user = caller;
  if (node !== request) Object.assign(node, { auth: caller, user: caller });
}

/**
 * The caller of a request that `McpAuthGuard` let pass, in an HTTP handler or in a handler of a message that came
 * with an HTTP request and knows it (`getRawRequest()`).
 *
 * @throws TypeError where there is none
 */
export function callerOf(context: ExecutionContext): Caller {
  const request = findRequest(context);
  const found = request === undefined ? undefined : passageOf(request);
  if (found !== undefined) return found.caller;
  throw new TypeError(
    `@CurrentCaller(): McpAuthGuard did not let a request pass to ${nameOf(context)}; put @UseGuards(McpAuthGuard) on the HTTP route, and no @Public().`,
  );
}

/** A handler, for messages. */
export function nameOf(context: ExecutionContext): string {
  return `${context.getClass().name}.${context.getHandler().name}`;
}

function findRequest(context: ExecutionContext): HttpRequest | undefined {
  if (context.getType() === 'http') return context.switchToHttp().getRequest<HttpRequest>();
  if (context.getType() !== 'rpc') return undefined;
  const message = context
    .switchToRpc()
    .getContext<undefined | { getRawRequest?: () => HttpRequest | undefined }>();
  return typeof message?.getRawRequest === 'function' ? message.getRawRequest() : undefined;
}
