export {
  AnyScope,
  CurrentCaller,
  Public,
  RequireMachine,
  RequireScopes,
  RequireUser,
  type RouteDecorator,
} from './mcp-auth.decorators.ts';
export { McpAuthException } from './mcp-auth.exception.ts';
export { McpAuthExceptionFilter } from './mcp-auth.exception-filter.ts';
export { McpAuthGuard } from './mcp-auth.guard.ts';
export { McpAuthModule } from './mcp-auth.module.ts';
export {
  MCP_AUTH_OPTIONS,
  MCP_RESOURCE_SERVER,
  type McpAuthAsyncOptions,
  type McpAuthOptions,
  type McpAuthOptionsFactory,
} from './mcp-auth.options.ts';
export type {
  AccessOptions,
  Caller,
  CallerKind,
  Decision,
  RefusalReason,
  ResourceServer,
} from '@mcp-m2m/core/server';
