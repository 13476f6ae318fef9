import { assertKnownOptions } from '@mcp-m2m/core';
import { createMetadataMiddleware } from '@mcp-m2m/core/node';
import { createResourceServer, type ResourceServer } from '@mcp-m2m/core/server';
import { Inject, Module, type DynamicModule, type NestModule, type Provider } from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import { McpAuthExceptionFilter } from './mcp-auth.exception-filter.ts';
import { McpAuthGuard } from './mcp-auth.guard.ts';
import {
  MCP_AUTH_OPTIONS,
  MCP_RESOURCE_SERVER,
  type McpAuthAsyncOptions,
  type McpAuthOptions,
  type McpAuthOptionsFactory,
} from './mcp-auth.options.ts';

/**
 * Protects MCP servers in NestJS 10, 11 and 12, on Express and on Fastify: provides what `McpAuthGuard` judges by,
 * and serves the protected resource metadata at the root of the origin, whatever global prefix or version the
 * application's routes have.
 *
 * Contacts the authorization servers when the first token arrives, not before. Wrong options are a TypeError when
 * the application is created, naming the option and the mend.
 *
 * @see {@link https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization | MCP authorization}
 */
@Module({})
export class McpAuthModule implements NestModule {
  readonly #server: ResourceServer;
  readonly #host: HttpAdapterHost;

  constructor(
    @Inject(MCP_RESOURCE_SERVER) server: ResourceServer,
    @Inject(HttpAdapterHost) host: HttpAdapterHost,
  ) {
    this.#server = server;
    this.#host = host;
  }

  /** For the whole application. */
  static forRoot(options: McpAuthOptions): DynamicModule {
    return { ...declare([{ provide: MCP_AUTH_OPTIONS, useValue: options }]), global: true };
  }

  /**
   * {@link forRoot}, with options that come from elsewhere.
   *
   * @throws TypeError unless exactly one of `useFactory`, `useClass` and `useExisting` is there
   */
  static forRootAsync(options: McpAuthAsyncOptions): DynamicModule {
    return { ...declareAsync(options, 'McpAuthModule.forRootAsync(options)'), global: true };
  }

  /** For the controllers of the modules that import it, in the place of what {@link forRoot} set. */
  static forFeature(options: McpAuthOptions): DynamicModule {
    return declare([{ provide: MCP_AUTH_OPTIONS, useValue: options }]);
  }

  /** {@link forFeature}, with options that come from elsewhere; throws what {@link forRootAsync} does. */
  static forFeatureAsync(options: McpAuthAsyncOptions): DynamicModule {
    return declareAsync(options, 'McpAuthModule.forFeatureAsync(options)');
  }

  /**
   * Called by NestJS before it registers routes. The metadata is no controller's, because NestJS puts the global prefix
   * and versions before every controller's path, and the document's path follows from the resource alone.
   */
  configure(): void {
    // Both platforms hand Node.js' own request and response, or what extends them, to a middleware.
    this.#host.httpAdapter.use(createMetadataMiddleware(this.#server));
  }
}

let declared = 0;

function declare(providers: readonly Provider[], imports: DynamicModule['imports'] = []): DynamicModule {
  return {
    module: McpAuthModule,
    imports,
    providers: [
      ...providers,
      { provide: MCP_RESOURCE_SERVER, useFactory: createResourceServer, inject: [MCP_AUTH_OPTIONS] },
      // NestJS 10 takes modules for the same one when their metadata reads the same, as that of two factories can.
      { provide: `${McpAuthModule.name} ${++declared}`, useValue: declared },
      McpAuthGuard,
      { provide: APP_FILTER, useClass: McpAuthExceptionFilter },
    ],
    exports: [MCP_RESOURCE_SERVER, McpAuthGuard],
  };
}

const SOURCES = ['useFactory', 'useClass', 'useExisting'] as const;

function declareAsync(options: McpAuthAsyncOptions, where: string): DynamicModule {
  assertKnownOptions(options, ['imports', 'inject', ...SOURCES], where);
  const { imports, inject = [], useFactory, useClass, useExisting } = options;
  if (SOURCES.filter((source) => options[source] !== undefined).length !== 1) {
    throw new TypeError(`${where} takes exactly one of ${SOURCES.join(', ')}.`);
  }
  if (useFactory !== undefined) {
    return declare([{ provide: MCP_AUTH_OPTIONS, useFactory, inject }], imports);
  }
  const factory = {
    provide: MCP_AUTH_OPTIONS,
    useFactory: (made: McpAuthOptionsFactory) => made.createMcpAuthOptions(),
    inject: [(useClass ?? useExisting) as NonNullable<typeof useExisting>],
  };
  return declare(useClass === undefined ? [factory] : [useClass, factory], imports);
}
