import { BlockList, isIP } from 'node:net';

const LOOPBACK_LINK_LOCAL_AND_PRIVATE: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
];

let local: BlockList | undefined;

/**
 * Tells whether a host is reached without leaving the machine or its own network, where platforms answer without
 * TLS: `localhost`, or a loopback, link-local or private address.
 *
 * Resolves no name: `localhost` aside, a name is never local.
 *
 * @param hostname - `hostname` of a parsed `URL`, or an address
 */
export function isLocalHost(hostname: string): boolean {
  if (hostname === 'localhost') return true;
  const address = hostname.replace(/^\[(.*)\]$/, '$1');
  const version = isIP(address);
  if (version === 0) return false;
  if (local === undefined) {
    local = new BlockList();
    for (const [network, prefix, type] of LOOPBACK_LINK_LOCAL_AND_PRIVATE) {
      local.addSubnet(network, prefix, type);
    }
  }
  return local.check(address, version === 6 ? 'ipv6' : 'ipv4');
}
