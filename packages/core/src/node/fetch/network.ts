import { BlockList, isIP } from 'node:net';

/** A block of addresses of one family. */
export interface Network {
  readonly family: 4 | 6;
  /** Tells whether an address of the same family, canonical and without zone, is in it. */
  readonly contains: (address: string) => boolean;
}

/**
 * Reads a network in CIDR notation, such as `10.0.0.0/8` or `fd00::/8`; `undefined` for anything else.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc4632#section-3.1 | RFC 4632 §3.1}
 */
export function parseNetwork(cidr: string): Network | undefined {
  const [, base = '', digits = ''] = /^([0-9a-f.:]+)\/(\d{1,3})$/i.exec(cidr) ?? [];
  const family = isIP(base);
  const length = Number(digits);
  if ((family !== 4 && family !== 6) || length > (family === 4 ? 32 : 128)) return undefined;
  const list = new BlockList();
  const type = `ipv${family}` as const;
  list.addSubnet(base, length, type);
  // A list also matches across the families, where one is mapped into the other: every IPv4 address is in ::/3.
  return { family, contains: (address) => isIP(address) === family && list.check(address, type) };
}
