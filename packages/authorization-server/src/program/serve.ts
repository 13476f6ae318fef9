import { collectDefaultMetrics } from 'prom-client';

import { AuthorizationServerError } from '../authorization-server-error.ts';
import {
  createAuthorizationServer,
  type AuthorizationServer,
  type RequestHandler,
} from '../authorization-server.ts';
import type { BootstrapCredential } from '../operations/bootstrap-client.ts';
import { createEventLog, type EventLog } from '../operations/event-log.ts';
import { redact } from '../redaction.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { startListeners, type Listeners } from './listeners.ts';
import type { ProgramConfiguration } from './program-configuration.ts';

/**
 * Serves until the process is told to stop; what happens is logged.
 *
 * @returns the exit code
 */
export async function serve(configuration: ProgramConfiguration): Promise<number> {
  const log = createEventLog({ level: configuration.logLevel });
  logFatalErrors(log);
  try {
    return await serveUntilStopped(configuration, { log });
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error));
    const code = error instanceof AuthorizationServerError ? { code: error.code } : {};
    log.logger.fatal(code, redact(message));
    return EXIT_CODES.failed;
  }
}

/** What stands around the server in one program. */
export interface ServeSurroundings {
  readonly log: EventLog;
  /** Makes what answers before the server does, such as a console; what it does not know goes on to the server. */
  readonly beside?: (server: AuthorizationServer) => Promise<BesideServer>;
  /** Told once requests are answered. */
  readonly onListening?: (listening: Listening) => void;
}

/** What answers on the same address, before the server. */
export interface BesideServer {
  readonly handler: RequestHandler;
  close(): Promise<void>;
}

/** Where the program listens. */
export interface Listening {
  readonly url: string;
  readonly issuer: string;
  /** Where the first administrator's credential was written, when it was just now. */
  readonly bootstrapCredential: BootstrapCredential | undefined;
}

/**
 * Serves until the process is told to stop.
 *
 * @returns the exit code
 * @throws AuthorizationServerError, and whatever keeps it from listening
 */
export async function serveUntilStopped(
  configuration: ProgramConfiguration,
  { log, beside, onListening }: ServeSurroundings,
): Promise<number> {
  const { logger } = log;
  const signalled = awaitSignal();
  const server = await createAuthorizationServer({ ...configuration.server, onEvent: log.listen });
  let listeners: Listeners;
  let besides: BesideServer | undefined;
  let bootstrapCredential: BootstrapCredential | undefined;
  try {
    if (configuration.server.adminApi === true) {
      bootstrapCredential = await bootstrap(server, configuration, log);
    }
    besides = await beside?.(server);
    listeners = await startListeners(server, configuration, besides?.handler);
  } catch (error) {
    await besides?.close();
    await server.close();
    throw error;
  }
  const { url, operationsUrl } = listeners;
  if (operationsUrl !== undefined) collectDefaultMetrics({ register: server.metrics });
  logger.info({ url, operationsUrl, issuer: server.issuer }, 'listening');
  onListening?.({ url, issuer: server.issuer, bootstrapCredential });
  process.on('SIGHUP', () => renewCertificate(listeners, log));

  const signal = await signalled;
  // Whoever presses a key is not waiting for a load balancer.
  const delaySeconds = signal === 'SIGINT' ? 0 : configuration.shutdown.delaySeconds;
  logger.info({ signal, delaySeconds }, 'stopping');
  server.announceStop();
  const inTime = await listeners.stop({ ...configuration.shutdown, delaySeconds });
  await besides?.close();
  await server.close();
  if (inTime) logger.info('stopped');
  else logger.error('stopped; requests that took too long were cut off');
  return inTime ? EXIT_CODES.stopped : EXIT_CODES.failed;
}

async function bootstrap(
  server: AuthorizationServer,
  { bootstrapCredentialFile }: ProgramConfiguration,
  { logger }: EventLog,
): Promise<BootstrapCredential | undefined> {
  const written = await server.ensureBootstrapClient(bootstrapCredentialFile);
  if (written !== undefined) {
    logger.info({ ...written }, "the first administrator's credential is in this file, which is yours alone");
  }
  return written;
}

/** The first signal stops gracefully, a second one at once. */
async function awaitSignal(): Promise<NodeJS.Signals> {
  return await new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        resolve(signal);
        process.once(signal, () => process.exit(EXIT_CODES.failed));
      });
    }
  });
}

function renewCertificate(listeners: Listeners, { logger }: EventLog): void {
  try {
    listeners.renewCertificate();
    logger.info('read the certificate anew');
  } catch (error) {
    logger.error(redact((error as Error).message));
  }
}

function logFatalErrors({ logger }: EventLog): void {
  process.on('uncaughtException', (error: unknown) => {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    logger.fatal({ name }, redact(message));
    process.exit(EXIT_CODES.failed);
  });
}
