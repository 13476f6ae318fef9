// One application in a process of its own, on the framework named on the command line: bare, or protected. Every
// variant parses the body and answers the same; only what stands in front of the handler differs.
import 'reflect-metadata';
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastifyJwt from '@fastify/jwt';
import { getRequestListener } from '@hono/node-server';
import { bodyParser } from '@koa/bodyparser';
import * as fastifyAdapter from '@mcp-m2m/fastify';
import * as koaAdapter from '@mcp-m2m/koa';
import { McpAuthGuard, McpAuthModule } from '@mcp-m2m/nestjs';
import * as webAdapter from '@mcp-m2m/web';
import { Body, Controller, Post, UseGuards, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthGuard, PassportStrategy } from '@nestjs/passport';
import createFastify from 'fastify';
import { Hono } from 'hono';
import { jwk } from 'hono/jwk';
import jwksRsa from 'jwks-rsa';
import Koa from 'koa';
import koaJwt from 'koa-jwt';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { measureUsage } from '../server-process.ts';

const [variant = '', framework = '', issuer = '', jwksUri = '', audience = ''] = process.argv.slice(2);
const options = {
  resource: audience,
  authorizationServers: [issuer],
  access: { scopes: ['deploy:read'], tools: { start_deployment: ['deploy:write'] } },
};
const isBare = variant === 'bare';
const isOurs = variant === 'mcp-m2m';

function answer(body: unknown): object {
  const { id } = body as { id: number };
  return { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'done' }] } };
}

function koa(): RequestListener {
  const app = new Koa();
  app.use(bodyParser());
  if (isOurs) app.use(koaAdapter.mcpAuth(options).protect());
  else if (!isBare) {
    const secret = jwksRsa.koaJwtSecret({ jwksUri, cache: true });
    app.use(koaJwt({ secret, audience, issuer, algorithms: ['RS256'] }));
  }
  app.use((ctx) => {
    ctx.body = answer(ctx.request.body);
  });
  const callback = app.callback();
  return (request, response) => void callback(request, response);
}

async function fastify(): Promise<RequestListener> {
  const app = createFastify();
  if (isOurs) await app.register(fastifyAdapter.mcpAuth(options).protect());
  else if (!isBare) {
    const { keys } = (await (await fetch(jwksUri)).json()) as { keys: JsonWebKey[] };
    const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' });
    const pem = key.export({ type: 'spki', format: 'pem' });
    await app.register(fastifyJwt, {
      secret: { public: pem.toString() },
      verify: { allowedIss: issuer, allowedAud: audience, algorithms: ['RS256'], cache: true },
    });
    app.addHook('onRequest', async (request) => {
      await request.jwtVerify();
    });
  }
  app.post('/mcp', (request, reply) => reply.send(answer(request.body)));
  await app.ready();
  return (request, response) => app.routing(request, response);
}

/** Decorators by hand, as Node.js does not run their syntax. */
async function nestjs(): Promise<RequestListener> {
  class BenchmarkController {
    handle(body: unknown): object {
      return answer(body);
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(BenchmarkController.prototype, 'handle') ?? {};
  Post()(BenchmarkController.prototype, 'handle', descriptor);
  Body()(BenchmarkController.prototype, 'handle', 0);
  Controller('mcp')(BenchmarkController);
  const imports = isOurs ? [McpAuthModule.forRoot(options)] : [];
  const providers: (new () => object)[] = [];
  if (isOurs) UseGuards(McpAuthGuard)(BenchmarkController);
  else if (!isBare) {
    class BenchmarkStrategy extends PassportStrategy(Strategy) {
      constructor() {
        super({
          jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
          secretOrKeyProvider: jwksRsa.passportJwtSecret({ jwksUri, cache: true }),
          audience,
          issuer,
          algorithms: ['RS256'],
        });
      }

      validate(payload: object): object {
        return payload;
      }
    }
    providers.push(BenchmarkStrategy);
    UseGuards(AuthGuard('jwt'))(BenchmarkController);
  }
  const module: DynamicModule = { module: Object, imports, providers, controllers: [BenchmarkController] };
  const app = await NestFactory.create(module, { logger: false });
  await app.init();
  return app.getHttpAdapter().getInstance() as RequestListener;
}

function hono(): RequestListener {
  const app = new Hono();
  const handler = async (request: Request): Promise<Response> => Response.json(answer(await request.json()));
  if (isOurs) {
    const serve = webAdapter
      .mcpAuth(options)
      .protectHandler((_request, { parsedBody }) => Response.json(answer(parsedBody)));
    app.post('/mcp', (context) => serve(context.req.raw));
  } else {
    if (!isBare) app.use('/mcp', jwk({ jwks_uri: jwksUri, alg: ['RS256'] }));
    app.post('/mcp', (context) => handler(context.req.raw));
  }
  const listener = getRequestListener(app.fetch);
  return (request, response) => void listener(request, response);
}

const create = { Koa: koa, Fastify: fastify, NestJS: nestjs, Hono: hono }[framework];
if (create === undefined) throw new Error(`unknown framework ${framework}`);
const server = createServer(await create()).listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on('message', () => process.send?.(measureUsage()));
process.once('disconnect', () => process.exit(0));
