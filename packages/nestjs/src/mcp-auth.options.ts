import type { ResourceServerOptions } from '@mcp-m2m/core/server';
import type { InjectionToken, ModuleMetadata, OptionalFactoryDependency, Type } from '@nestjs/common';

/** Options of `McpAuthModule`: those of a resource server. */
export type McpAuthOptions = ResourceServerOptions;

/** Makes the options, where they are not known when the module is declared. */
export interface McpAuthOptionsFactory {
  readonly createMcpAuthOptions: () => McpAuthOptions | Promise<McpAuthOptions>;
}

/** Where the options come from: exactly one of `useFactory`, `useClass` and `useExisting`. */
export interface McpAuthAsyncOptions extends Pick<ModuleMetadata, 'imports'> {
  /** Makes the options out of what `inject` names. */
  // Its parameters are whatever `inject` names, which no type can tell.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly useFactory?: (...dependencies: any[]) => McpAuthOptions | Promise<McpAuthOptions>;
  readonly inject?: (InjectionToken | OptionalFactoryDependency)[];
  /** A factory that this module creates. */
  readonly useClass?: Type<McpAuthOptionsFactory>;
  /** A factory that one of the `imports`, or a global module, provides. */
  readonly useExisting?: InjectionToken<McpAuthOptionsFactory>;
}

/** Injection token of the {@link McpAuthOptions}; to be overridden in tests. */
export const MCP_AUTH_OPTIONS = Symbol('@mcp-m2m/nestjs options');

/** Injection token of the `ResourceServer` that protects this module's routes. */
export const MCP_RESOURCE_SERVER = Symbol('@mcp-m2m/nestjs resource server');
