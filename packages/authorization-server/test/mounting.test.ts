/* oxlint-disable vitest/expect-expect -- expectTokenAndMetadata holds the assertions */
import type { RequestListener } from 'node:http';

import { NestFactory } from '@nestjs/core';
import express from 'express';
import Koa from 'koa';
import { afterEach, describe, expect, it } from 'vitest';

import {
  basic,
  registerWithSecret,
  requestToken,
  startServer,
  type RunningServer,
  type RunningServerOptions,
} from './running-server.ts';

describe('the handler', () => {
  let running: RunningServer;
  afterEach(async () => await running.stop());

  async function expectTokenAndMetadata(options: RunningServerOptions & { ready?: () => Promise<void> }) {
    const { ready, ...serverOptions } = options;
    running = await startServer(serverOptions);
    await ready?.();
    const secret = await registerWithSecret(running, 'nightly');
    const answer = await requestToken(
      running,
      { grant_type: 'client_credentials' },
      basic('nightly', secret),
    );
    expect(answer.status).toBe(200);
    const metadata = await fetch(
      `${running.origin}/.well-known/oauth-authorization-server${options.issuerPath ?? ''}`,
    );
    expect(metadata.status).toBe(200);
  }

  it('is a plain node:http listener, at an issuer with a path too', async () => {
    await expectTokenAndMetadata({ issuerPath: '/auth' });
    expect((await fetch(`${running.origin}/elsewhere`)).status).toBe(404);
  });

  it('mounts in Express and leaves other paths to it', async () => {
    await expectTokenAndMetadata({
      mount: ({ handler }) =>
        express()
          .use(handler)
          .get('/mine', (_req, res) => void res.send('mine')),
    });
    expect(await (await fetch(`${running.origin}/mine`)).text()).toBe('mine');
  });

  it('mounts in Express at the path of its issuer', async () => {
    await expectTokenAndMetadata({
      issuerPath: '/auth',
      mount: ({ handler }) => express().use('/auth', handler).use(handler),
    });
  });

  it('mounts in Koa, at an issuer with a path too, and leaves other paths to it', async () => {
    await expectTokenAndMetadata({
      issuerPath: '/auth',
      mount: ({ handler }) => {
        const app = new Koa();
        app.use(async (ctx, next) => {
          let passed = false;
          ctx.respond = false;
          handler(ctx.req, ctx.res, () => (passed = true));
          if (!passed) return;
          ctx.respond = true;
          await next();
        });
        app.use((ctx) => void (ctx.body = 'mine'));
        const respond = app.callback();
        return (request, response) => void respond(request, response);
      },
    });
    expect(await (await fetch(`${running.origin}/mine`)).text()).toBe('mine');
    expect((await fetch(`${running.issuer}/jwks`)).status).toBe(200);
  });

  it('mounts in Nest, before its body parsers, and leaves other paths to it', async () => {
    const module = {
      module: class AppModule {
        readonly isEmpty = true;
      },
    };
    const app = await NestFactory.create(module, { logger: false });
    let handle: RequestListener | undefined;
    await expectTokenAndMetadata({
      issuerPath: '/auth',
      mount: ({ handler }) => {
        app.use(handler);
        return (request, response) => handle?.(request, response);
      },
      // Nest is ready only once it has begun.
      ready: async () => {
        await app.init();
        handle = app.getHttpAdapter().getInstance() as RequestListener;
      },
    });
    const missing = await fetch(`${running.origin}/mine`);
    expect([missing.status, await missing.json()]).toMatchObject([404, { error: 'Not Found' }]);
    await app.close();
  });

  it('works behind a JSON body parser, and behind a form parser that came first', async () => {
    await expectTokenAndMetadata({
      mount: ({ handler }) => express().use(express.json(), express.urlencoded({ extended: true }), handler),
    });
  });

  it('works behind a proxy that strips the path of the issuer', async () => {
    await expectTokenAndMetadata({
      issuerPath: '/auth',
      mount:
        ({ handler }) =>
        (req, res) => {
          req.url = req.url?.replace(/^\/auth/, '') ?? '/';
          handler(req, res);
        },
    });
  });

  it('refuses token requests once the server is closing, and closes twice without harm', async () => {
    running = await startServer();
    await running.server.close();
    await running.server.close();
    const answer = await requestToken(running, { grant_type: 'client_credentials' });
    expect([answer.status, answer.body['error']]).toEqual([503, 'temporarily_unavailable']);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(running.events.at(-1)).toMatchObject({
      type: 'token_refused',
      status: 503,
      error: 'temporarily_unavailable',
      reason: 'server_stopping',
      remoteAddress: '127.0.0.1',
    });
  });

  it('answers a token request that had begun before it closes', async () => {
    running = await startServer();
    const secret = await registerWithSecret(running, 'nightly');
    let bodySent: (() => void) | undefined;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(`client_id=nightly&client_secret=${secret}`));
        bodySent = () => {
          controller.enqueue(new TextEncoder().encode('&grant_type=client_credentials'));
          controller.close();
        };
      },
    });
    const answer = fetch(`${running.issuer}/token`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      duplex: 'half',
    } as RequestInit);
    // Another request, sent later and answered, shows that the first has arrived.
    await fetch(`${running.issuer}/jwks`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closing = running.server.close();
    bodySent?.();
    expect((await answer).status).toBe(200);
    await closing;
  });
});
