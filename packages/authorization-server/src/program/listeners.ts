import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

import type { AuthorizationServer, RequestHandler } from '../authorization-server.ts';
import { prepareGracefulStop, type StopOptions } from '../operations/graceful-stop.ts';
import { readTlsMaterial, type Address } from './listen-address.ts';
import type { ProgramConfiguration } from './program-configuration.ts';

/** The listening program. */
export interface Listeners {
  /** Where tokens are issued, as a URL. */
  readonly url: string;
  /** Where measures are served, as a URL, if anywhere. */
  readonly operationsUrl: string | undefined;
  /** Reads the certificate anew, for further connections. */
  renewCertificate(): void;
  /** @returns whether every request was answered in time */
  stop(options: StopOptions): Promise<boolean>;
}

const HEADERS_WITHIN_MS = 10_000;
const CHECK_EVERY_MS = 2_000;
/** Longer than proxies keep theirs, so that it is they who close. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Listens for token requests, and for the operator.
 *
 * With a certificate it speaks TLS and asks clients for theirs, as mutual TLS needs; who has none is served all
 * the same, and what a certificate is good for is judged with the token request.
 *
 * @param before - answers before the server does, or passes on
 * @throws Error when an address cannot be listened on
 */
export async function startListeners(
  server: AuthorizationServer,
  { listen, operations, server: { requestTimeoutSeconds = 10 } }: ProgramConfiguration,
  before: RequestHandler = passOn,
): Promise<Listeners> {
  const limits = {
    headersTimeout: HEADERS_WITHIN_MS,
    // The server's own limit is to be met first, as it answers.
    requestTimeout: HEADERS_WITHIN_MS + (requestTimeoutSeconds + 5) * 1000,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: CHECK_EVERY_MS,
  };
  const answer: RequestListener = (request, response) => {
    server.healthHandler(request, response, () =>
      before(request, response, () => server.handler(request, response)),
    );
  };
  const { tls } = listen;
  const tokens: Server | TlsServer =
    tls === undefined
      ? createServer(limits, answer)
      : createTlsServer(
          { ...limits, ...readTlsMaterial(tls), requestCert: true, rejectUnauthorized: false },
          answer,
        );
  const graceful = prepareGracefulStop(tokens);
  const url = await listenOn(tokens, listen, tls === undefined ? 'http' : 'https');
  let operator: Server | undefined;
  let operationsUrl: string | undefined;
  if (operations !== undefined) {
    operator = createServer(limits, (request, response) => server.operationsHandler(request, response));
    try {
      operationsUrl = await listenOn(operator, operations, 'http');
    } catch (error) {
      tokens.close();
      throw error;
    }
  }
  return {
    url,
    operationsUrl,
    renewCertificate() {
      if (tls !== undefined && 'setSecureContext' in tokens) tokens.setSecureContext(readTlsMaterial(tls));
    },
    async stop(options) {
      const inTime = await graceful.stop(options);
      operator?.close();
      operator?.closeAllConnections();
      return inTime;
    },
  };
}

const passOn: RequestHandler = (_request, _response, next) => next?.();

async function listenOn(server: Server, { host, port }: Address, scheme: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { port: actual } = server.address() as AddressInfo;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${actual}`;
}
