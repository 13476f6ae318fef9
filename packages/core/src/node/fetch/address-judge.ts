import { isIP } from 'node:net';
import { printable } from '../../printable-text.ts';
import { parseNetwork, type Network } from './network.ts';
import { SPECIAL_PURPOSE_NETWORKS } from './special-purpose-networks.ts';

/** What is opened beside public addresses. */
export interface AddressJudgeOptions {
  /** Whether `127.0.0.0/8` and `::1` are permitted. */
  readonly allowLoopback: boolean;
  /** Networks in CIDR notation that are permitted too. */
  readonly allowedNetworks: readonly string[];
}

/** Whether an address may be connected to: as anybody's, because an option opened it, or not at all. */
export type AddressVerdict =
  | { readonly kind: 'public' }
  | { readonly kind: 'opened' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Judges one address, as a resolver or a URL without its brackets gives it. */
export type AddressJudge = (address: string) => AddressVerdict;

/**
 * Creates the judge of addresses: a public one passes, every other needs an option that opens it.
 *
 * An IPv4-mapped address never passes, whatever is opened, nor does one with a zone. An address of the
 * well-known NAT64 prefix passes if the IPv4 address within is public, as networks without IPv4 reach
 * every IPv4 server that way.
 *
 * @throws TypeError for a network that cannot be read, or that is everything
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-7.7 | RFC 9728 §7.7},
 *   {@link https://www.rfc-editor.org/rfc/rfc6052#section-3.1 | RFC 6052 §3.1}
 */
export function createAddressJudge({ allowLoopback, allowedNetworks }: AddressJudgeOptions): AddressJudge {
  const opened = [...(allowLoopback ? LOOPBACK : []), ...allowedNetworks.map(readAllowedNetwork)];
  return (address) => {
    const canonical = canonicalAddress(address);
    if (canonical === undefined) return refuse(`${printable(address)} is not an address without a zone`);
    if (MAPPED.contains(canonical)) return refuse('IPv4-mapped, ::ffff:0:0/96');
    if (opened.some((network) => network.contains(canonical))) return { kind: 'opened' };
    return judgePublic(TRANSLATED.contains(canonical) ? embeddedIpv4(canonical) : canonical);
  };
}

function judgePublic(address: string): AddressVerdict {
  const special = SPECIAL.find(({ contains }) => contains(address));
  return special === undefined
    ? { kind: 'public' }
    : refuse(`${special.purpose}, ${special.network}; ${special.reference}`);
}

function refuse(reason: string): AddressVerdict {
  return { kind: 'refused', reason };
}

/** IPv6 in the one spelling of RFC 5952. */
function canonicalAddress(address: string): string | undefined {
  const family = isIP(address);
  if (family !== 6) return family === 4 ? address : undefined;
  // With a zone (fe80::1%eth0) it is no host of a URL.
  return URL.parse(`http://[${address}]`)?.hostname.slice(1, -1);
}

/** The last 32 bits of a canonical address with zeros before them, where groups of zero may be left out. */
function embeddedIpv4(address: string): string {
  return address
    .split(':')
    .slice(-2)
    .map((group) => Number.parseInt(group || '0', 16))
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.');
}

function readAllowedNetwork(cidr: string): Network {
  const network = parseNetwork(cidr);
  if (network === undefined) {
    throw new TypeError(
      `allowedNetworks takes networks such as "10.0.0.0/8" or "fd00::/8" (one address: "10.1.2.3/32"), received ${printable(cidr)}.`,
    );
  }
  if (/\/0+$/.test(cidr)) {
    throw new TypeError(
      `allowedNetworks must not open everything, received ${printable(cidr)}; name the networks of your own servers.`,
    );
  }
  return network;
}

function knownNetwork(cidr: string): Network {
  const network = parseNetwork(cidr);
  if (network === undefined) throw new TypeError(`${cidr} is not a network.`);
  return network;
}

const SPECIAL = SPECIAL_PURPOSE_NETWORKS.map((entry) => ({ ...entry, ...knownNetwork(entry.network) }));
const LOOPBACK = ['127.0.0.0/8', '::1/128'].map(knownNetwork);
const MAPPED = knownNetwork('::ffff:0:0/96');
const TRANSLATED = knownNetwork('64:ff9b::/96');
