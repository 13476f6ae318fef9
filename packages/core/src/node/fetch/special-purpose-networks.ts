/** A block of addresses that no public server has. */
export interface SpecialPurposeNetwork {
  /** In CIDR notation. */
  readonly network: string;
  /** What the addresses are for, in words. */
  readonly purpose: string;
  /** Where that is laid down. */
  readonly reference: string;
}

/**
 * The networks in which no public server is found: everything that IANA's registries do not call globally
 * reachable, multicast, and the one public address that belongs to a cloud's own machinery. The particular stands
 * before the general, so that the first match names the purpose.
 *
 * Of IPv6 only `2000::/3` is given out to anybody; the last three rows refuse what lies outside.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6890 | RFC 6890},
 *   {@link https://www.iana.org/assignments/iana-ipv4-special-registry | IANA IPv4 Special-Purpose Address Registry},
 *   {@link https://www.iana.org/assignments/iana-ipv6-special-registry | IANA IPv6 Special-Purpose Address Registry}
 */
export const SPECIAL_PURPOSE_NETWORKS: readonly SpecialPurposeNetwork[] = [
  row('0.0.0.0/8', 'this network', 'rfc791#section-3.2'),
  row('10.0.0.0/8', 'private use', 'rfc1918#section-3'),
  row('100.64.0.0/10', 'shared address space of carriers', 'rfc6598'),
  row('127.0.0.0/8', 'loopback', 'rfc1122#section-3.2.1.3'),
  row('169.254.0.0/16', 'link-local', 'rfc3927'),
  row('172.16.0.0/12', 'private use', 'rfc1918#section-3'),
  row('192.0.0.0/24', 'protocol assignments', 'rfc6890#section-2.1'),
  row('192.0.2.0/24', 'documentation', 'rfc5737#section-3'),
  row('192.88.99.0/24', '6to4 relays, deprecated', 'rfc7526'),
  row('192.168.0.0/16', 'private use', 'rfc1918#section-3'),
  row('198.18.0.0/15', 'benchmarking', 'rfc2544#appendix-C.2.2'),
  row('198.51.100.0/24', 'documentation', 'rfc5737#section-3'),
  row('203.0.113.0/24', 'documentation', 'rfc5737#section-3'),
  row('224.0.0.0/4', 'multicast', 'rfc5771#section-3'),
  row('255.255.255.255/32', 'broadcast', 'rfc919#section-7'),
  row('240.0.0.0/4', 'reserved', 'rfc1112#section-4'),
  {
    network: '168.63.129.16/32',
    purpose: "Azure's own services to its machines",
    reference: 'https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16',
  },
  row('::/128', 'unspecified', 'rfc4291#section-2.5.2'),
  row('::1/128', 'loopback', 'rfc4291#section-2.5.3'),
  row('::ffff:0:0/96', 'IPv4-mapped', 'rfc4291#section-2.5.5.2'),
  row('::/96', 'IPv4-compatible, deprecated', 'rfc4291#section-2.5.5.1'),
  row('64:ff9b:1::/48', 'IPv4 by local translation', 'rfc8215'),
  row('100::/64', 'discard only', 'rfc6666'),
  row('100:0:0:1::/64', 'dummy prefix', 'rfc9780'),
  row('2001:db8::/32', 'documentation', 'rfc3849#section-2'),
  row('2001::/32', 'IPv4 in Teredo', 'rfc4380#section-2.6'),
  row('2001::/23', 'protocol assignments', 'rfc2928'),
  row('2002::/16', 'IPv4 in 6to4', 'rfc3056#section-2'),
  row('3fff::/20', 'documentation', 'rfc9637'),
  row('5f00::/16', 'segment routing', 'rfc9602'),
  row('fc00::/7', 'unique-local', 'rfc4193#section-3.1'),
  row('fe80::/10', 'link-local', 'rfc4291#section-2.5.6'),
  row('fec0::/10', 'site-local, deprecated', 'rfc3879#section-4'),
  row('ff00::/8', 'multicast', 'rfc4291#section-2.7'),
  row('::/3', 'not given out', 'rfc4291#section-2.4'),
  row('4000::/2', 'not given out', 'rfc4291#section-2.4'),
  row('8000::/1', 'not given out', 'rfc4291#section-2.4'),
];

function row(network: string, purpose: string, place: string): SpecialPurposeNetwork {
  return { network, purpose, reference: `https://www.rfc-editor.org/rfc/${place}` };
}
