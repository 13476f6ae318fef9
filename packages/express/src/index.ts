export { mcpAuth, type McpAuth, type McpAuthOptions } from './mcp-auth.ts';
export { McpAuthError } from './mcp-auth-error.ts';
export type { AccessOptions, Caller, CallerKind, Decision, RefusalReason } from '@mcp-m2m/core/server';
