import type { AddressInfo } from 'node:net';
import { Client, StreamableHTTPClientTransport, type ClientOptions } from '@modelcontextprotocol/client';
import { CurrentCaller, McpAuthGuard, McpAuthModule, type Caller } from '@mcp-m2m/nestjs';
import { Controller, Logger, UseGuards, type INestApplication } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import {
  McpController,
  McpHttpControllerFor,
  McpStrategy,
  StreamableHttpTransport,
  Tool,
  ToolScopes,
} from '@rekog/mcp-nest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { call, METADATA_PATH, RESOURCE } from './calling.ts';
import { closeApp, startApp } from './running-app.ts';

let authority: TestAuthority;
let app: INestApplication;
let origin: string;

beforeAll(async () => {
  Logger.overrideLogger(false);
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'deploy:read deploy:write' });
  process.env.ISSUER = authority.issuer;
  process.env.PORT = '0';
  ({ app } = await import('../examples/mcp-nest.ts'));
  const { port } = (app.getHttpServer() as { address: () => AddressInfo }).address();
  origin = `http://127.0.0.1:${port}`;
});

afterAll(async () => {
  await closeApp(app);
  await authority.close();
});

/** Connects the official client, with a fetch that adds a token of these scopes. */
async function connect(
  url: string,
  versionNegotiation: NonNullable<ClientOptions['versionNegotiation']>,
  scope = 'deploy:read deploy:write',
): Promise<Client> {
  const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation });
  const authorization = `Bearer ${authority.mint({ sub: 'nightly', client_id: 'nightly', scope })}`;
  await client.connect(
    new StreamableHTTPClientTransport(new URL(url), {
      fetch: (target, init) => {
        const headers = new Headers(init?.headers);
        headers.set('authorization', authorization);
        return fetch(target, { ...init, headers });
      },
    }),
  );
  return client;
}

describe.each([
  ['2026-07-28', { mode: { pin: '2026-07-28' } }],
  ['2025-11-25', { mode: 'legacy' }],
] as const)('@rekog/mcp-nest behind McpAuthGuard, in revision %s', (revision, versionNegotiation) => {
  it('serves tools to who may call them, and the tool knows who calls', async () => {
    const client = await connect(`${origin}/mcp`, versionNegotiation);
    expect(client.getNegotiatedProtocolVersion()).toBe(revision);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['start_deployment']);
    const result = await client.callTool({ name: 'start_deployment', arguments: { service: 'web' } });
    expect(result.content).toEqual([{ type: 'text', text: 'web, started by nightly' }]);
    await client.close();
  });

  it('refuses a tool that the token has no scope for', async () => {
    const client = await connect(`${origin}/mcp`, versionNegotiation, 'deploy:read');
    await expect(
      client.callTool({ name: 'start_deployment', arguments: { service: 'web' } }),
    ).rejects.toThrow(/deploy:write/);
    await client.close();
  });
});

describe('@rekog/mcp-nest behind McpAuthGuard', () => {
  it('works on Fastify too', async () => {
    const transport = new StreamableHttpTransport();
    const strategy = new McpStrategy({ name: 'deploy-desk', version: '1.0.0', transports: [transport] });

    @McpController()
    class Tools {
      @Tool({ name: 'whoami', description: 'Names the caller.' })
      whoami(@CurrentCaller() caller: Caller): object {
        return { content: [{ type: 'text', text: caller.clientId }] };
      }

      @Tool({ name: 'deploy', description: 'For who may.' })
      @ToolScopes(['deploy:write'])
      deploy(): object {
        return { content: [] };
      }
    }

    @Controller('mcp')
    @UseGuards(McpAuthGuard)
    class McpRoute extends McpHttpControllerFor(transport) {}

    const imports = [McpAuthModule.forRoot({ resource: RESOURCE, authorizationServers: [authority.issuer] })];
    await using running = await startApp(
      () => new FastifyAdapter(),
      { imports, controllers: [Tools, McpRoute] },
      async (created) => {
        strategy.setHttpAdapter(created.getHttpAdapter());
        created.connectMicroservice({ strategy });
        await created.startAllMicroservices();
      },
    );
    const url = `${running.origin}/mcp`;
    const client = await connect(url, { mode: 'legacy' });
    const result = await client.callTool({ name: 'whoami', arguments: {} });
    expect(result.content).toEqual([{ type: 'text', text: 'nightly' }]);
    // Its own decorators see the caller, as the user.
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(['whoami', 'deploy']);
    await client.close();
    const reader = await connect(url, { mode: 'legacy' }, 'deploy:read');
    expect((await reader.listTools()).tools.map(({ name }) => name)).toEqual(['whoami']);
    await reader.close();
  });

  it('refuses a request without a token, and says where to get one', async () => {
    const refused = await call(`${origin}/mcp`);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain(`https://mcp.example.com${METADATA_PATH}`);
    expect((await call(`${origin}${METADATA_PATH}`, undefined, null)).json).toMatchObject({
      resource: RESOURCE,
    });
  });
});
