import { isIP } from 'node:net';
import { isLocalHost } from './local-network.ts';

/** Where a SPIFFE Workload API is served. */
export type SpiffeEndpoint = { readonly path: string } | { readonly host: string; readonly port: number };

/** What {@link parseSpiffeEndpoint} takes, in words. */
export const SPIFFE_ENDPOINT_FORMS =
  'unix:///path/to/the.sock, or tcp://address:port with an IP address that is loopback, link-local or private';

/**
 * Parses the address of a SPIFFE Workload API; `undefined` for anything but a socket's absolute path or an IP address
 * on the local network: the API has neither TLS nor a password.
 *
 * @see {@link https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE_Workload_Endpoint.md#4-locating-the-endpoint | SPIFFE Workload Endpoint §4}
 */
export function parseSpiffeEndpoint(address: string): SpiffeEndpoint | undefined {
  const path = /^unix:(?:\/\/)?(\/[^/?#][^?#]*)$/i.exec(address)?.[1];
  if (path !== undefined) {
    const decoded = decodePath(path);
    return decoded === undefined || decoded.includes('\0') ? undefined : { path: decoded };
  }
  const [, authority = '', digits = ''] = /^tcp:\/\/(\[[^\]/?#]*\]|[\d.]+):(\d{1,5})$/i.exec(address) ?? [];
  const host = authority.replace(/^\[(.*)\]$/, '$1');
  const port = Number(digits);
  return isIP(host) !== 0 && isLocalHost(host) && port > 0 && port < 65_536 ? { host, port } : undefined;
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
