import { collectDefaultMetrics } from 'prom-client';

import { AuthorizationServerError } from '../authorization-server-error.ts';
import { createAuthorizationServer, type AuthorizationServer } from '../authorization-server.ts';
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
    return await serveUntilStopped(configuration, log);
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error));
    const code = error instanceof AuthorizationServerError ? { code: error.code } : {};
    log.logger.fatal(code, redact(message));
    return EXIT_CODES.failed;
  }
}

async function serveUntilStopped(configuration: ProgramConfiguration, log: EventLog): Promise<number> {
  const { logger } = log;
  const signalled = awaitSignal();
  const server = await createAuthorizationServer({ ...configuration.server, onEvent: log.listen });
  let listeners: Listeners;
  try {
    if (configuration.server.adminApi === true) await bootstrap(server, configuration, log);
    listeners = await startListeners(server, configuration);
  } catch (error) {
    await server.close();
    throw error;
  }
  const { url, operationsUrl } = listeners;
  if (operationsUrl !== undefined) collectDefaultMetrics({ register: server.metrics });
  logger.info({ url, operationsUrl, issuer: server.issuer }, 'listening');
  process.on('SIGHUP', () => renewCertificate(listeners, log));

  const signal = await signalled;
  // Whoever presses a key is not waiting for a load balancer.
  const delaySeconds = signal === 'SIGINT' ? 0 : configuration.shutdown.delaySeconds;
  logger.info({ signal, delaySeconds }, 'stopping');
  server.announceStop();
  const inTime = await listeners.stop({ ...configuration.shutdown, delaySeconds });
  await server.close();
  if (inTime) logger.info('stopped');
  else logger.error('stopped; requests that took too long were cut off');
  return inTime ? EXIT_CODES.stopped : EXIT_CODES.failed;
}

async function bootstrap(
  server: AuthorizationServer,
  { bootstrapCredentialFile }: ProgramConfiguration,
  { logger }: EventLog,
): Promise<void> {
  const written = await server.ensureBootstrapClient(bootstrapCredentialFile);
  if (written !== undefined) {
    logger.info({ ...written }, "the first administrator's credential is in this file, which is yours alone");
  }
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
