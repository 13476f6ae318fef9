import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

import { isInAddressList, parseAddressList } from '../clients/address-list.ts';

/** The address a request came from: the socket's, or what a trusted proxy says. */
export type ClientAddress = (request: IncomingMessage) => string | undefined;

/** Longest way through proxies that is followed. */
const MAX_HOPS = 32;
const LOOPBACK = ['127.0.0.0/8', '::1'];
const WITH_PORT = /^(?:\[(?<v6>[^\]]+)\](?::\d{1,5})?|(?<v4>\d+\.\d+\.\d+\.\d+):\d{1,5})$/;

/**
 * Validates the option `trustedProxies`: addresses, networks in CIDR notation, or `loopback`.
 *
 * @returns the networks
 * @throws TypeError naming the entry
 */
export function parseTrustedProxies(value: unknown): readonly string[] {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return [];
  const entries: unknown = Array.isArray(value)
    ? value.flatMap((entry: unknown) => (entry === 'loopback' ? LOOPBACK : [entry]))
    : value;
  const networks = parseAddressList(entries, 'trustedProxies');
  const everybody = networks.find((network) => network.endsWith('/0'));
  if (everybody !== undefined) {
    throw new TypeError(
      `trustedProxies: ${everybody} is every address, so that any client could claim to be at any address; name the addresses of the proxy.`,
    );
  }
  return networks;
}

/**
 * Makes the function that tells where a request came from.
 *
 * `X-Forwarded-For` is read from the right, past trusted proxies alone: what stands left of the first address
 * that is not trusted could be anybody's words. Does not read `Forwarded` or `X-Real-IP`.
 *
 * @param trustedProxies - validated; with none, the header is not read
 */
export function createClientAddress(trustedProxies: readonly string[]): ClientAddress {
  if (trustedProxies.length === 0) return socketAddress;
  return (request) => {
    let address = socketAddress(request);
    const forwarded = request.headers['x-forwarded-for'];
    if (forwarded === undefined || !isInAddressList(trustedProxies, address)) return address;
    const hops = (typeof forwarded === 'string' ? forwarded : forwarded.join(',')).split(',');
    for (const hop of hops.slice(-MAX_HOPS).toReversed()) {
      const next = parseHop(hop.trim());
      // A proxy that does not say who is behind it stands for all of them.
      if (next === undefined) return address;
      address = next;
      if (!isInAddressList(trustedProxies, address)) return address;
    }
    return address;
  };
}

/** Address of the peer; an IPv4 address in its own form even where it arrived by IPv6. */
export function socketAddress({ socket }: IncomingMessage): string | undefined {
  return socket.remoteAddress === undefined ? undefined : plain(socket.remoteAddress);
}

function parseHop(text: string): string | undefined {
  const { v4, v6 } = WITH_PORT.exec(text)?.groups ?? {};
  const address = plain(v6 ?? v4 ?? text);
  return isIP(address) === 0 ? undefined : address;
}

function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
