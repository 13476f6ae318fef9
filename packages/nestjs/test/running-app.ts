import type { AddressInfo } from 'node:net';
import {
  Module,
  type INestApplication,
  type ModuleMetadata,
  type NestApplicationOptions,
  type Type,
} from '@nestjs/common';
import { NestFactory, type AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';

/** Both platforms, each with what makes its adapter. */
export const PLATFORMS: readonly (readonly [name: string, createAdapter: () => AbstractHttpAdapter])[] = [
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
];

/** An application that listens on a loopback port. */
export interface RunningApp extends AsyncDisposable {
  readonly app: INestApplication;
  readonly origin: string;
}

/** Makes a module class out of its metadata. */
export function moduleOf(metadata: ModuleMetadata): Type {
  @Module(metadata)
  class AppModule {}
  return AppModule;
}

/** Starts an application; `configure` is called before it listens. */
export async function startApp(
  createAdapter: () => AbstractHttpAdapter,
  metadata: ModuleMetadata,
  configure: (app: INestApplication) => unknown = () => undefined,
  options: NestApplicationOptions = {},
): Promise<RunningApp> {
  const app = await NestFactory.create(moduleOf(metadata), createAdapter(), {
    logger: false,
    abortOnError: false,
    ...options,
  });
  await configure(app);
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as { address: () => AddressInfo }).address();
  return {
    app,
    origin: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => closeApp(app),
  };
}

/** Closes an application and whatever connection is still open. */
export async function closeApp(app: INestApplication): Promise<void> {
  const closed = app.close();
  (app.getHttpServer() as { closeAllConnections: () => void }).closeAllConnections();
  await closed;
}
