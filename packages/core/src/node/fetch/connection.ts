import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type SecureContext } from 'node:tls';
import type { LookupAddress } from 'node:dns';

/** Where to, and by what. */
export interface ConnectionRequest {
  /** A name, or an address without brackets: what the server's certificate must be for. */
  readonly host: string;
  readonly port: number;
  /** The only addresses that are tried. */
  readonly addresses: readonly LookupAddress[];
  /** Makes it a TLS connection. */
  readonly secureContext: SecureContext | undefined;
  /** Ends the attempt. */
  readonly signal: AbortSignal;
}

/**
 * Opens a connection to one of the given addresses; resolves nothing by itself. A TLS server is always verified,
 * and no TLS session is resumed: a resumed one carries the client certificate of the first.
 *
 * @throws the failure of the last attempt, or the signal's reason
 */
export function openConnection(request: ConnectionRequest): Promise<Socket> {
  const { host, port, addresses, secureContext, signal } = request;
  const target = {
    host,
    port,
    autoSelectFamily: true,
    lookup: (
      _hostname: string,
      _options: unknown,
      answer: (error: null, addresses: LookupAddress[]) => void,
    ): void => answer(null, [...addresses]),
  };
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket =
      secureContext === undefined
        ? connectTcp(target)
        : connectTls({
            ...target,
            secureContext,
            // RFC 6066 §3: a name without its final dot, and no address.
            servername: isIP(host) === 0 ? host.replace(/\.$/, '') : '',
            ALPNProtocols: ['http/1.1'],
            rejectUnauthorized: true,
          });
    const abort = (): void => fail(signal.reason as Error);
    const settle = (): void => {
      signal.removeEventListener('abort', abort);
      socket.off('error', fail).off('close', close);
    };
    const fail = (error: Error): void => {
      settle();
      socket.on('error', () => undefined).destroy();
      reject(error);
    };
    const close = (): void => fail(Object.assign(new Error('closed by the server'), { code: 'ECONNRESET' }));
    socket
      .on('error', fail)
      .on('close', close)
      .once(secureContext === undefined ? 'connect' : 'secureConnect', () => {
        settle();
        resolve(socket.setNoDelay(true));
      });
    signal.addEventListener('abort', abort, { once: true });
  });
}
