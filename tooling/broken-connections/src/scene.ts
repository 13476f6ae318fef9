import { KeyObject } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { mcpAuth, type McpAuthOptions } from '@mcp-m2m/express';
import {
  createSigningKey,
  createTestAuthority,
  type TestAuthority,
  type TestAuthorityOptions,
} from '@mcp-m2m/testing';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler } from '@modelcontextprotocol/server';
import { createDeployDesk, createDeployDeskServer, deployDeskAccess } from 'deploy-desk';
import express, { type RequestHandler } from 'express';

import type { ConnectionSettings, StartedConnection } from './connection.ts';

export const CLIENT_ID = 'nightly-report';
export const CLIENT_SECRET = 'generated for the broken connections, 4711';

/** What a connection consists of, once it runs. */
export interface Scene {
  /** Where the MCP server is. */
  readonly url: string;
  readonly origin: string;
  readonly authority: TestAuthority;
  /** The client's key, PKCS #8 in PEM. */
  readonly privateKeyPem: string;
}

/** How a scene differs from one in which all is well. */
export interface SceneOptions {
  readonly authority?: TestAuthorityOptions;
  /** Options of the protection, over those that are right. */
  readonly protection?: (scene: Pick<Scene, 'url' | 'authority'>) => Partial<McpAuthOptions>;
  /** The MCP server behind the protection. Default: a deploy desk that speaks both revisions, without sessions. */
  readonly mcpServer?: () => RequestHandler;
  /** What stands before the MCP server: a proxy, say. */
  readonly before?: (scene: Pick<Scene, 'url' | 'authority'>) => RequestHandler;
  /** Done before the client comes. */
  readonly prepare?: (scene: Scene) => void | Promise<void>;
  /** Settings of the client, over those that are right. */
  readonly client?: (scene: Scene) => Partial<ConnectionSettings> | Promise<Partial<ConnectionSettings>>;
}

/**
 * Starts an authorization server, a protected MCP server in Express and a client's configuration that fits both, but
 * for what the options break.
 */
export async function startScene(options: SceneOptions = {}): Promise<StartedConnection> {
  const authority = await createTestAuthority(options.authority);
  const signingKey = await createSigningKey();
  const privateKeyPem = KeyObject.from(signingKey.privateKey).export({
    type: 'pkcs8',
    format: 'pem',
  }) as string;
  const app = express();
  const server = await listen(app);
  const url = `${server.origin}/mcp`;
  const scene: Scene = { url, origin: server.origin, authority, privateKeyPem };
  const stop = async (): Promise<void> => {
    await server.stop();
    await authority.close();
  };
  try {
    authority.registerClient({
      clientId: CLIENT_ID,
      secret: CLIENT_SECRET,
      publicKey: signingKey.publicJwk,
      scopes: ['deploy:read', 'deploy:write'],
    });
    const auth = mcpAuth({
      resource: url,
      authorizationServers: [authority.issuer],
      access: deployDeskAccess,
      ...options.protection?.(scene),
    });
    if (options.before !== undefined) app.use(options.before(scene));
    app.use(auth.metadata());
    app.all('/mcp', auth.protect(), (options.mcpServer ?? createDeskHandler)());
    await options.prepare?.(scene);
    const settings: ConnectionSettings = {
      url,
      issuer: authority.issuer,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      timeoutMilliseconds: 5000,
      ...(await options.client?.(scene)),
    };
    return { settings, secrets: secretsOf(settings), [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function createDeskHandler(): RequestHandler {
  const desk = createDeployDesk();
  return toNodeHandler(
    createMcpHandler(({ authInfo }) => createDeployDeskServer(desk, authInfo?.clientId ?? 'unknown')),
  );
}

/** A server on loopback that answers everything by one handler, and a configuration for it. */
export async function startServer(
  listener: RequestListener,
  client: (origin: string) => ConnectionSettings,
): Promise<StartedConnection> {
  const server = await listen(listener);
  const settings = client(server.origin);
  return { settings, secrets: secretsOf(settings), [Symbol.asyncDispose]: server.stop };
}

/** A configuration that leads to nothing that was started. */
export function leadsNowhere(settings: ConnectionSettings): Promise<StartedConnection> {
  return Promise.resolve({
    settings,
    secrets: secretsOf(settings),
    [Symbol.asyncDispose]: async () => undefined,
  });
}

/** What of a configuration must not stand in any output. */
export function secretsOf({ clientSecret, token, privateKeyPem }: ConnectionSettings): readonly string[] {
  return [clientSecret, token, privateKeyPem].filter((value) => value !== undefined);
}

/** Listens on a free port of loopback. */
export async function listen(
  listener: RequestListener,
): Promise<{ readonly origin: string; readonly stop: () => Promise<void> }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
