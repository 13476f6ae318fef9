import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

const certificates = new WeakMap<object, Uint8Array | undefined>();

/**
 * The certificate that a request's TLS connection was opened with, as DER; `undefined` for a plain connection
 * or a client without one.
 *
 * Read once for a connection. Whether it was verified is up to the TLS server's own options.
 */
export function clientCertificateOf({ socket }: IncomingMessage): Uint8Array | undefined {
  const { getPeerX509Certificate } = socket as Partial<TLSSocket>;
  if (getPeerX509Certificate === undefined) return undefined;
  if (!certificates.has(socket))
    certificates.set(socket, (socket as TLSSocket).getPeerX509Certificate()?.raw);
  return certificates.get(socket);
}
