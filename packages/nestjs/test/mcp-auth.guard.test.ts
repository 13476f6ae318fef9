import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import {
  CurrentCaller,
  McpAuthGuard,
  McpAuthModule,
  Public,
  RequireScopes,
  type Caller,
} from '@mcp-m2m/nestjs';
import { createDpopProof, generateDpopKey } from '@mcp-m2m/testing';
import { Controller, Next, Post, Req, UseGuards, type INestApplication } from '@nestjs/common';
import { APP_GUARD, ExternalContextCreator } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { ClientProxyFactory, MessagePattern, Transport } from '@nestjs/microservices';
import { describe, expect, it, onTestFinished } from 'vitest';
import { call, createAuthority, RESOURCE } from './calling.ts';
import { moduleOf, PLATFORMS, startApp } from './running-app.ts';

interface SeenRequest {
  readonly auth?: Caller;
  readonly user?: Caller;
  readonly raw?: SeenRequest;
}

@Controller('mcp')
@UseGuards(McpAuthGuard)
class McpController {
  @Post()
  handle(@CurrentCaller() caller: Caller, @Req() request: SeenRequest): object {
    const { raw = request } = request;
    const attached = [request.auth, request.user, raw.auth, raw.user].every((one) => one === caller);
    return { attached, client: caller.clientId };
  }
}

@Controller('health')
class HealthController {
  @Post()
  @Public()
  check(): object {
    return { well: true };
  }

  @Post('details')
  details(): object {
    return {};
  }
}

const GLOBAL_GUARD = { provide: APP_GUARD, useExisting: McpAuthGuard };

describe.each(PLATFORMS)('McpAuthGuard on %s', (_, createAdapter) => {
  it('attaches the caller for handlers, for the SDK and as the user, whatever was there', async () => {
    const authority = await createAuthority();
    await using app = await startApp(
      createAdapter,
      {
        imports: [McpAuthModule.forRoot({ resource: RESOURCE, authorizationServers: [authority.issuer] })],
        controllers: [McpController],
      },
      (running) => {
        running.use((request: { auth: unknown; user: unknown }, _response: unknown, next: () => void) => {
          request.auth = { clientId: 'forged' };
          request.user = { clientId: 'forged' };
          next();
        });
      },
    );
    const served = await call(`${app.origin}/mcp`, authority.mint());
    expect(served.json).toEqual({ attached: true, client: 'test-client' });
    expect((await call(`${app.origin}/mcp`)).status).toBe(401);
  });

  it('guards the whole application but what is public, and takes a proof once though it stands at a route too', async () => {
    const authority = await createAuthority();
    const options = { resource: RESOURCE, authorizationServers: [authority.issuer], dpop: {} };
    await using app = await startApp(createAdapter, {
      imports: [McpAuthModule.forRoot(options)],
      controllers: [McpController, HealthController],
      providers: [GLOBAL_GUARD],
    });
    expect((await call(`${app.origin}/health`)).json).toEqual({ well: true });
    expect((await call(`${app.origin}/health/details`)).status).toBe(401);
    const key = await generateDpopKey();
    const accessToken = authority.mint({ cnf: { jkt: key.thumbprint } });
    const proof = createDpopProof({ key, method: 'POST', url: RESOURCE, accessToken });
    const headers = { authorization: `DPoP ${accessToken}`, dpop: proof };
    expect((await call(`${app.origin}/mcp`, undefined, undefined, headers)).status).toBe(201);
    expect((await call(`${app.origin}/mcp`, undefined, undefined, headers)).status).toBe(401);
  });

  it.each(['graphql', 'ws'])('says what is wrong in a handler that is reached by %s', async (kind) => {
    class Gateway {
      answer(): string {
        return 'answered';
      }

      @Public()
      ping(): string {
        return 'pong';
      }
    }
    const module = moduleOf({
      imports: [
        McpAuthModule.forRoot({ resource: RESOURCE, authorizationServers: ['https://as.example.com'] }),
      ],
      providers: [GLOBAL_GUARD, Gateway],
    });
    await using running = await startApp(createAdapter, { imports: [module] });
    const gateway = running.app.get(Gateway);
    const handlerOf = (name: 'answer' | 'ping') =>
      running.app
        .get(ExternalContextCreator)
        .create(
          gateway,
          gateway[name],
          name,
          undefined,
          undefined,
          undefined,
          undefined,
          undefined,
          kind,
        ) as (...parameters: unknown[]) => Promise<unknown>;
    await expect(handlerOf('answer')({}, {}, {}, {})).rejects.toThrow(
      `McpAuthGuard protects HTTP routes, and Gateway.answer is reached by "${kind}".`,
    );
    expect(await handlerOf('ping')({}, {}, {}, {})).toBe('pong');
  });

  it('refuses messages of a microservice, and the application goes on', async () => {
    @Controller()
    class MessageController {
      @MessagePattern('guarded')
      @UseGuards(McpAuthGuard)
      guarded(): string {
        return 'served';
      }

      @MessagePattern('careless')
      careless(@CurrentCaller() caller: Caller): string {
        return caller.clientId;
      }

      @MessagePattern('open')
      @UseGuards(McpAuthGuard)
      @Public()
      open(): string {
        return 'served';
      }
    }
    const authority = await createAuthority();
    const port = await findFreePort();
    await using app = await startApp(
      createAdapter,
      {
        imports: [McpAuthModule.forRoot({ resource: RESOURCE, authorizationServers: [authority.issuer] })],
        controllers: [MessageController, McpController],
      },
      async (running: INestApplication) => {
        running.connectMicroservice({ transport: Transport.TCP, options: { host: '127.0.0.1', port } });
        await running.startAllMicroservices();
      },
    );
    const client = ClientProxyFactory.create({
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port },
    });
    onTestFinished(() => client.close());
    const ask = (pattern: string): Promise<unknown> =>
      new Promise((resolve, reject) => {
        client.send<unknown>(pattern, {}).subscribe({ next: resolve, error: reject });
      });
    await expect(ask('guarded')).rejects.toMatchObject({ status: 'error' });
    await expect(ask('careless')).rejects.toMatchObject({ status: 'error' });
    expect(await ask('open')).toBe('served');
    expect((await call(`${app.origin}/mcp`, authority.mint())).status).toBe(201);
  });
});

describe('McpAuthGuard on Express, whose requests may go on', () => {
  it('judges a request anew that goes on to another route', async () => {
    @Controller('mcp')
    @UseGuards(McpAuthGuard)
    class FirstController {
      @Post()
      pass(@Next() next: () => void): void {
        next();
      }
    }

    @Controller(':path')
    @UseGuards(McpAuthGuard)
    @RequireScopes('write')
    class SecondController {
      @Post()
      handle(): object {
        return { served: true };
      }
    }
    const authority = await createAuthority();
    await using app = await startApp(() => new ExpressAdapter(), {
      imports: [McpAuthModule.forRoot({ resource: RESOURCE, authorizationServers: [authority.issuer] })],
      controllers: [FirstController, SecondController],
    });
    const answer = await call(`${app.origin}/mcp`, authority.mint());
    expect(answer.status).toBe(403);
    expect(answer.json).toMatchObject({ error: { data: { missing: ['write'] } } });
    expect((await call(`${app.origin}/mcp`, authority.mint({ scope: 'write' }))).json).toEqual({
      served: true,
    });
  });
});

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
