import { once } from 'node:events';
import { inspect } from 'node:util';
import { CurrentCaller, McpAuthGuard, McpAuthModule, Public, type Caller } from '@mcp-m2m/nestjs';
import { Controller, Post, UseGuards } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { describe, expect, it, onTestFinished } from 'vitest';
import { call, createAuthority, RESOURCE } from './calling.ts';
import { PLATFORMS, startApp, type RunningApp } from './running-app.ts';

@WebSocketGateway({ path: '/socket' })
class Gateway {
  @SubscribeMessage('guarded')
  @UseGuards(McpAuthGuard)
  guarded(): object {
    return { event: 'served', data: 'guarded' };
  }

  @SubscribeMessage('careless')
  @Public()
  careless(@CurrentCaller() caller: Caller): object {
    return { event: 'served', data: caller.clientId };
  }

  @SubscribeMessage('open')
  @UseGuards(McpAuthGuard)
  @Public()
  open(): object {
    return { event: 'served', data: 'open' };
  }
}

@Controller('mcp')
@UseGuards(McpAuthGuard)
class McpController {
  @Post()
  handle(@CurrentCaller() { clientId }: Caller): object {
    return { clientId };
  }
}

/** Sends events to the gateway, and reads what it answers until the last one is served. */
async function tellGateway(
  { origin }: RunningApp,
  ...events: readonly string[]
): Promise<readonly unknown[]> {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/socket`);
  onTestFinished(() => socket.close());
  await once(socket, 'open');
  const served: unknown[] = [];
  const done = new Promise<void>((resolve) => {
    socket.addEventListener('message', ({ data }) => {
      const answer = JSON.parse(data as string) as { readonly event: string; readonly data: unknown };
      // Lines of NestJS differ in whether they tell the client of an error.
      if (answer.event === 'served') served.push(answer.data);
      if (answer.data === events.at(-1)) resolve();
    });
  });
  for (const event of events) socket.send(JSON.stringify({ event, data: {} }));
  await done;
  return served;
}

describe.each(PLATFORMS)('a WebSocket gateway on %s', (_, createAdapter) => {
  it.each([
    ['at its handler', []],
    ['for the whole application', [{ provide: APP_GUARD, useExisting: McpAuthGuard }]],
  ])(
    'is told that the guard is for HTTP, and the application goes on: the guard is %s',
    async (__, guards) => {
      const authority = await createAuthority();
      const logged: string[] = [];
      await using app = await startApp(
        createAdapter,
        {
          imports: [McpAuthModule.forRoot({ resource: RESOURCE, authorizationServers: [authority.issuer] })],
          controllers: [McpController],
          providers: [Gateway, ...guards],
        },
        (running) => running.useWebSocketAdapter(new WsAdapter(running)),
        {
          logger: {
            log: () => undefined,
            warn: () => undefined,
            error: (...told) => logged.push(inspect(told)),
          },
        },
      );
      expect(await tellGateway(app, 'guarded', 'careless', 'open')).toEqual(['open']);
      expect(logged.join()).toContain(
        'McpAuthGuard protects HTTP routes, and Gateway.guarded is reached by "ws"',
      );
      expect(logged.join()).toContain('McpAuthGuard did not let a request pass to Gateway.careless');
      expect((await call(`${app.origin}/mcp`, authority.mint())).json).toEqual({ clientId: 'test-client' });
      expect((await call(`${app.origin}/mcp`)).status).toBe(401);
    },
  );
});
