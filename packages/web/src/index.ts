export {
  mcpAuth,
  type McpAuth,
  type McpAuthOptions,
  type ProtectedHandler,
  type ProtectOptions,
} from './mcp-auth.ts';
export type { ProtectedRequest, RefusedRequest } from '@mcp-m2m/core/fetch';
export type { AccessOptions, Caller, CallerKind, Decision, RefusalReason } from '@mcp-m2m/core/server';
