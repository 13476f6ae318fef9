import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

const certificates = new WeakMap<object, Uint8Array>();

/**
 * The certificate that a request's TLS connection was opened with, as DER; `undefined` for a plain connection
 * or a client without one.
 *
 * Read once for a connection. Whether it was verified is up to the TLS server's own options.
 */
export function clientCertificateOf({ socket }: IncomingMessage): Uint8Array | undefined {
  const known = certificates.get(socket);
  if (known !== undefined) return known;
  if (typeof (socket as Partial<TLSSocket>).getPeerX509Certificate !== 'function') return undefined;
  const certificate = (socket as TLSSocket).getPeerX509Certificate()?.raw;
  // One that is not there may still come, when a server asks for it later.
  if (certificate !== undefined) certificates.set(socket, certificate);
  return certificate;
}
