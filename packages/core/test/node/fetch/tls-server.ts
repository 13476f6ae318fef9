import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { onTestFinished } from 'vitest';
import type { TestCertificate } from '@mcp-m2m/testing';

/** A running TLS server, which answers every request with the fingerprint of the client's certificate. */
export interface TlsServer {
  readonly port: number;
  /** Number of TLS connections that were made so far. */
  readonly connections: () => number;
  /** The protocol, the name asked for, and whether the session was resumed, for each connection. */
  readonly handshakes: { version: string | null; name: unknown; resumed: boolean }[];
  /** Lets every open connection finish what it does and end. */
  readonly endConnections: () => void;
  /** Keeps the answer to the next request back until it is released. */
  readonly hold: () => { readonly arrived: Promise<void>; readonly release: () => void };
}

/** Starts a TLS server on 127.0.0.1 that lives until the current test has finished. */
export async function startTlsServer(
  identity: TestCertificate,
  options: TlsOptions = {},
): Promise<TlsServer> {
  const handshakes: TlsServer['handshakes'] = [];
  let next: Record<'arrived' | 'released', PromiseWithResolvers<void>> | undefined;
  const server = createServer({ cert: identity.cert, key: identity.key, ...options }, (request, response) => {
    const held = next;
    next = undefined;
    held?.arrived.resolve();
    const peer = (request.socket as TLSSocket).getPeerX509Certificate();
    void Promise.resolve(held?.released.promise).then(() => response.end(peer?.fingerprint256 ?? 'none'));
  });
  const sockets = new Set<Duplex>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.on('secureConnection', (socket) => {
    const { servername } = socket as TLSSocket & { servername?: unknown };
    handshakes.push({ version: socket.getProtocol(), name: servername, resumed: socket.isSessionReused() });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => handshakes.length,
    handshakes,
    endConnections: () => server.closeIdleConnections(),
    hold: () => {
      const held = { arrived: Promise.withResolvers<void>(), released: Promise.withResolvers<void>() };
      next = held;
      return { arrived: held.arrived.promise, release: () => held.released.resolve() };
    },
  };
}
