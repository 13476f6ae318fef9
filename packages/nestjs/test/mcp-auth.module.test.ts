import {
  MCP_RESOURCE_SERVER,
  McpAuthGuard,
  McpAuthModule,
  type McpAuthAsyncOptions,
  type McpAuthOptions,
  type McpAuthOptionsFactory,
  type ResourceServer,
} from '@mcp-m2m/nestjs';
import {
  Controller,
  Inject,
  Injectable,
  Module,
  Post,
  UseGuards,
  VersioningType,
  type DynamicModule,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { call, createAuthority, METADATA_PATH, RESOURCE } from './calling.ts';
import { moduleOf, PLATFORMS, startApp } from './running-app.ts';

const CALENDAR = 'https://mcp.example.com/calendar';
const CALENDAR_METADATA_PATH = '/.well-known/oauth-protected-resource/calendar';

@Controller({ path: 'mcp', version: '1' })
@UseGuards(McpAuthGuard)
class McpController {
  @Post()
  handle(): object {
    return { served: 'mcp' };
  }
}

@Controller('calendar')
@UseGuards(McpAuthGuard)
class CalendarController {
  @Post()
  handle(): object {
    return { served: 'calendar' };
  }
}

// What an application says of itself elsewhere.
const ISSUER = Symbol('issuer');
let issuer = '';

@Module({ providers: [{ provide: ISSUER, useFactory: () => issuer }], exports: [ISSUER] })
class SettingsModule {}

@Injectable()
class OptionsFactory implements McpAuthOptionsFactory {
  readonly #issuer: string;

  constructor(@Inject(ISSUER) given: string) {
    this.#issuer = given;
  }

  createMcpAuthOptions(): McpAuthOptions {
    return { resource: RESOURCE, authorizationServers: [this.#issuer] };
  }
}

@Module({ imports: [SettingsModule], providers: [OptionsFactory], exports: [OptionsFactory] })
class OptionsFactoryModule {}

describe.each(PLATFORMS)('McpAuthModule on %s', (_, createAdapter) => {
  it.each([
    [
      'useFactory',
      {
        imports: [SettingsModule],
        inject: [ISSUER],
        useFactory: (given: string) => Promise.resolve({ resource: RESOURCE, authorizationServers: [given] }),
      },
    ],
    ['useClass', { imports: [SettingsModule], useClass: OptionsFactory }],
    ['useExisting', { imports: [OptionsFactoryModule], useExisting: OptionsFactory }],
  ] satisfies [string, McpAuthAsyncOptions][])(
    'forRootAsync() takes its options from %s',
    async (__, options) => {
      const authority = await createAuthority();
      ({ issuer } = authority);
      const imports = [McpAuthModule.forRootAsync(options)];
      await using app = await startApp(createAdapter, { imports, controllers: [McpController] });
      expect((await call(`${app.origin}/mcp`)).status).toBe(401);
      expect((await call(`${app.origin}/mcp`, authority.mint())).json).toEqual({ served: 'mcp' });
      expect((await call(`${app.origin}${METADATA_PATH}`, undefined, null)).json).toMatchObject({
        resource: RESOURCE,
        authorization_servers: [authority.issuer],
      });
    },
  );

  it('serves the metadata at the root of the origin, whatever prefix and version routes have', async () => {
    const authority = await createAuthority();
    const imports = [McpAuthModule.forRoot({ resource: RESOURCE, authorizationServers: [authority.issuer] })];
    await using app = await startApp(createAdapter, { imports, controllers: [McpController] }, (running) => {
      running.setGlobalPrefix('api');
      running.enableVersioning({ type: VersioningType.URI });
    });
    expect((await call(`${app.origin}/api/v1/mcp`, authority.mint())).json).toEqual({ served: 'mcp' });
    const document = await call(`${app.origin}${METADATA_PATH}?x=1`, undefined, null);
    expect([document.status, document.headers.get('content-type')]).toEqual([200, 'application/json']);
    const statusOf = async (path: string, method = 'GET'): Promise<number> =>
      (await fetch(`${app.origin}${path}`, { method })).status;
    expect(await statusOf(METADATA_PATH, 'HEAD')).toBe(200);
    expect(await statusOf(METADATA_PATH, 'POST')).toBe(405);
    expect(await statusOf(`/api${METADATA_PATH}`)).toBe(404);
    expect(await statusOf(`${METADATA_PATH}/`)).toBe(404);
    expect(await statusOf('/.well-known/oauth-protected-resource')).toBe(404);
  });

  it('serves the metadata before a route that takes every path', async () => {
    @Controller()
    class GreedyController {
      @Post('*')
      handle(): object {
        return { served: 'everything' };
      }
    }
    const imports = [
      McpAuthModule.forRoot({ resource: RESOURCE, authorizationServers: ['https://as.example.com'] }),
    ];
    await using app = await startApp(createAdapter, { imports, controllers: [GreedyController] });
    expect((await call(`${app.origin}${METADATA_PATH}`)).status).toBe(405);
  });

  it.each([
    ['a guard at each controller', []],
    ['one global guard', [{ provide: APP_GUARD, useClass: McpAuthGuard }]],
    ['one global guard that is provided already', [{ provide: APP_GUARD, useExisting: McpAuthGuard }]],
  ] as const)('forFeature() gives a module a resource of its own, with %s', async (__, providers) => {
    const authority = await createAuthority();
    const [mcpModule, calendarModule] = [RESOURCE, CALENDAR].map((resource): DynamicModule => {
      // Both factories read the same, and only what they close over differs.
      const useFactory = () => ({ resource, authorizationServers: [authority.issuer] });
      return resource === RESOURCE
        ? McpAuthModule.forRootAsync({ useFactory })
        : McpAuthModule.forFeatureAsync({ useFactory });
    }) as [DynamicModule, DynamicModule];
    const feature = moduleOf({ imports: [calendarModule], controllers: [CalendarController] });
    await using app = await startApp(createAdapter, {
      imports: [mcpModule, feature],
      controllers: [McpController],
      providers: [...providers],
    });
    const token = authority.mint();
    const calendarToken = authority.mint({ aud: CALENDAR });
    expect((await call(`${app.origin}/mcp`, token)).json).toEqual({ served: 'mcp' });
    expect((await call(`${app.origin}/calendar`, calendarToken)).json).toEqual({ served: 'calendar' });
    expect((await call(`${app.origin}/mcp`, calendarToken)).status).toBe(401);
    const refused = await call(`${app.origin}/calendar`, token);
    expect(refused.headers.get('www-authenticate')).toContain(CALENDAR_METADATA_PATH);
    for (const [path, resource] of [
      [METADATA_PATH, RESOURCE],
      [CALENDAR_METADATA_PATH, CALENDAR],
    ] as const) {
      expect((await call(`${app.origin}${path}`, undefined, null)).json).toMatchObject({ resource });
    }
  });

  it('refuses every request to a controller that belongs to two resources', async () => {
    const features = ['a', 'b'].map((name) =>
      McpAuthModule.forFeature({
        resource: `https://mcp.example.com/${name}`,
        authorizationServers: ['https://as.example.com'],
      }),
    );
    await using app = await startApp(createAdapter, { imports: features, controllers: [McpController] });
    expect((await call(`${app.origin}/mcp`)).status).toBe(500);
  });

  it('provides the resource server, whose keys can be fetched at start-up', async () => {
    const authority = await createAuthority();
    const imports = [McpAuthModule.forRoot({ resource: RESOURCE, authorizationServers: [authority.issuer] })];
    await using running = await startApp(createAdapter, { imports });
    const server = running.app.get<ResourceServer>(MCP_RESOURCE_SERVER);
    expect([server.resource, await server.preload()]).toEqual([RESOURCE, true]);
  });

  it('does not start with wrong options, and names the mend', async () => {
    const imports = [
      McpAuthModule.forRoot({ resource: 'mcp', authorizationServers: ['https://as.example.com'] }),
    ];
    await expect(startApp(createAdapter, { imports })).rejects.toThrow(/resource/);
    const misspelt = { resource: RESOURCE, authorisationServers: [] } as unknown as McpAuthOptions;
    await expect(startApp(createAdapter, { imports: [McpAuthModule.forFeature(misspelt)] })).rejects.toThrow(
      /unknown option "authorisationServers", did you mean "authorizationServers"/,
    );
  });
});

describe('forRootAsync()', () => {
  it.each([
    [{}, /takes exactly one of useFactory, useClass, useExisting/],
    [{ useClass: OptionsFactory, useExisting: OptionsFactory }, /takes exactly one of/],
    [{ useFactroy: () => ({}) }, /unknown option "useFactroy", did you mean "useFactory"/],
  ])('refuses %o', (options, message) => {
    expect(() => McpAuthModule.forRootAsync(options as McpAuthAsyncOptions)).toThrow(message);
    expect(() => McpAuthModule.forFeatureAsync(options as McpAuthAsyncOptions)).toThrow(message);
  });
});
