export {
  mcpAuth,
  type McpAuth,
  type McpAuthOptions,
  type ProtectedHandler,
  type ProtectOptions,
  type RefusedRequest,
} from './mcp-auth.ts';
export { type ProtectedRequest } from './protected-request.ts';
export type { AccessOptions, Caller, CallerKind, Decision, RefusalReason } from '@mcp-m2m/core/server';
