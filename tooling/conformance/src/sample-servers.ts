import { once } from 'node:events';
import { createServer, request, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { clientSecretBasic, createTokenSource } from '@mcp-m2m/core/client';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { createDeployDesk, createDeployDeskServer } from 'deploy-desk';
import { createStatelessListener } from 'deploy-desk/sdk-1';
import * as express from 'sample-express';
import * as hono from 'sample-hono';
import * as koa from 'sample-koa';
import * as nestjs from 'sample-nestjs';
import { startOwnAuthorizationServer, type OwnAuthorizationServer } from './authorization-server.ts';

/** A sample, and what it is without protection. */
export interface Sample {
  readonly name: string;
  readonly createApp: (options: {
    readonly resource: string;
    readonly authorizationServer: string;
  }) => RequestListener | Promise<RequestListener>;
  readonly createBareApp: () => RequestListener;
}

/** The same MCP server by the second line of the SDK, open to everybody. */
function createBareApp(): RequestListener {
  const desk = createDeployDesk();
  const handler = toNodeHandler(createMcpHandler(() => createDeployDeskServer(desk, 'anybody')));
  // Its own idea of a request differs from Node's in what may be undefined.
  return handler as unknown as RequestListener;
}

function createBareAppOfSdk1(): RequestListener {
  const serve = createStatelessListener(createDeployDesk());
  return (incoming, response) => void serve(incoming, response, 'anybody');
}

/** Every sample that is a server. */
export const SAMPLES: readonly Sample[] = [
  { name: 'sample-express', createApp: express.createApp, createBareApp },
  { name: 'sample-koa', createApp: koa.createApp, createBareApp: createBareAppOfSdk1 },
  { name: 'sample-nestjs', createApp: nestjs.createApp, createBareApp },
  { name: 'sample-hono', createApp: hono.createApp, createBareApp },
];

/** Something that listens. */
export interface Listening extends AsyncDisposable {
  readonly url: string;
}

/** Starts a sample without protection. */
export async function startBare({ createBareApp: create }: Sample): Promise<Listening> {
  return listen(() => create());
}

/**
 * Starts a protected sample behind a proxy that puts a valid token into every request, as the suite has none. The
 * proxy passes on everything else as it came.
 */
export async function startProtected({ createApp }: Sample): Promise<Listening> {
  const own = await startOwnAuthorizationServer();
  const sample = await listen((resource) => createApp({ resource, authorizationServer: own.issuer }));
  const target = new URL(sample.url);
  const token = await requestToken(own, sample.url);
  const proxy = await listen(() => (incoming, response) => {
    const { method, url: path, headers } = incoming;
    const { hostname, port } = target;
    const outgoing = request(
      {
        hostname,
        port,
        method,
        path,
        headers: { ...headers, authorization: `Bearer ${token}` },
        setHost: false,
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      },
    );
    outgoing.once('error', () => response.destroy());
    response.once('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  return {
    url: proxy.url,
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await sample[Symbol.asyncDispose]();
      await own[Symbol.asyncDispose]();
    },
  };
}

/** A token of a machine for the sample, with all that a machine may have there. */
async function requestToken({ issuer, server }: OwnAuthorizationServer, resource: string): Promise<string> {
  const scopes = ['deploy:read', 'deploy:write'];
  await server.resources.create({ resource, scopes });
  const { clientId, secret = '' } = await server.clients.create({
    authentication: { method: 'secret' },
    access: [{ resource, scopes }],
  });
  const authentication = clientSecretBasic({ clientSecret: secret });
  const tokens = createTokenSource({ resource, issuer, clientId, authentication, scopes });
  return (await tokens.getToken()).accessToken;
}

async function listen(
  create: (url: string) => RequestListener | Promise<RequestListener>,
): Promise<Listening> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  server.on('request', await create(url));
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
