import type { AddressInfo } from 'node:net';
import { McpAuthGuard, McpAuthModule } from '@mcp-m2m/nestjs';
import { Controller, Post, UseGuards, type INestApplication } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { expect, it, onTestFinished } from 'vitest';
import { createOpenApp, createTestedApp } from '../examples/testing.ts';
import { call, METADATA_PATH, RESOURCE } from './calling.ts';
import { closeApp, moduleOf } from './running-app.ts';

@Controller('mcp')
class BareController {
  @Post()
  handle(): object {
    return { served: true };
  }
}

@Controller('mcp')
@UseGuards(McpAuthGuard)
class McpController extends BareController {}

const options = { resource: RESOURCE, access: { scopes: ['write'] } };
const production = McpAuthModule.forRoot({ ...options, authorizationServers: ['https://as.example.com'] });
const AppModule = moduleOf({ imports: [production], controllers: [McpController] });

async function listen(app: INestApplication): Promise<string> {
  await app.listen(0, '127.0.0.1');
  onTestFinished(() => closeApp(app));
  return `http://127.0.0.1:${(app.getHttpServer() as { address: () => AddressInfo }).address().port}`;
}

it('an application is tested with real tokens by overriding its options', async () => {
  const { app, authority } = await createTestedApp(AppModule, options);
  onTestFinished(() => authority.close());
  const origin = await listen(app);
  expect((await call(`${origin}/mcp`)).status).toBe(401);
  expect((await call(`${origin}/mcp`, authority.mint({ scope: 'read' }))).status).toBe(403);
  expect((await call(`${origin}/mcp`, authority.mint({ scope: 'write' }))).json).toEqual({ served: true });
  const document = await call(`${origin}${METADATA_PATH}`, undefined, null);
  expect(document.json).toMatchObject({ authorization_servers: [authority.issuer] });
});

it('an application is tested without protection by overriding the guard', async () => {
  const origin = await listen(await createOpenApp(AppModule));
  expect((await call(`${origin}/mcp`)).json).toEqual({ served: true });
});

it('a global guard is overridden where it is provided by useExisting', async () => {
  const providers = [{ provide: APP_GUARD, useExisting: McpAuthGuard }];
  const module = await Test.createTestingModule({
    imports: [moduleOf({ imports: [production], controllers: [BareController], providers })],
  })
    .overrideProvider(McpAuthGuard)
    .useValue({ canActivate: () => true })
    .compile();
  const origin = await listen(module.createNestApplication());
  expect((await call(`${origin}/mcp`)).json).toEqual({ served: true });
});
