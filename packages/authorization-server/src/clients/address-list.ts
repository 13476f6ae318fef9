import { BlockList, isIP } from 'node:net';

import { printable } from '@mcp-m2m/core';

const MOST_ENTRIES = 100;

interface Network {
  readonly base: string;
  readonly length: number;
  readonly family: 4 | 6;
}

/**
 * Validates a list of addresses and networks, such as `["203.0.113.7", "2001:db8::/32"]`.
 *
 * @throws TypeError naming the entry
 * @see {@link https://www.rfc-editor.org/rfc/rfc4632#section-3.1 | RFC 4632 §3.1}
 */
export function parseAddressList(value: unknown, option = 'addresses'): readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MOST_ENTRIES) {
    throw new TypeError(
      `${option} must list 1 to ${MOST_ENTRIES} addresses or networks, such as ["203.0.113.0/24"]; leave it out to allow any.`,
    );
  }
  for (const [index, entry] of value.entries()) {
    if (typeof entry !== 'string' || parseNetwork(entry) === undefined) {
      throw new TypeError(
        `${option}[${index}] must be an IPv4 or IPv6 address or a network such as "10.0.0.0/8", received ${printable(entry)}.`,
      );
    }
  }
  return [...new Set(value as string[])];
}

/** The lists by family: one list would match an IPv4 address in a network of IPv6. */
type Lists = Readonly<Record<4 | 6, BlockList>>;

const compiled = new WeakMap<readonly string[], Lists>();

/**
 * Tells whether an address is in a list of validated entries.
 *
 * An IPv4 address that reached a socket of IPv6 (`::ffff:203.0.113.7`) is the IPv4 address.
 *
 * @param entries - what {@link parseAddressList} gave; compiled once for the same array
 * @param address - as the socket saw it; unknown is in no list
 */
export function isInAddressList(entries: readonly string[], address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  const family = isIP(plain);
  if (family !== 4 && family !== 6) return false;
  return compile(entries)[family].check(plain, `ipv${family}`);
}

function compile(entries: readonly string[]): Lists {
  const known = compiled.get(entries);
  if (known !== undefined) return known;
  const lists: Lists = { 4: new BlockList(), 6: new BlockList() };
  for (const entry of entries) {
    const network = parseNetwork(entry);
    if (network === undefined) continue;
    lists[network.family].addSubnet(network.base, network.length, `ipv${network.family}`);
  }
  compiled.set(entries, lists);
  return lists;
}

function parseNetwork(text: string): Network | undefined {
  const [, base = '', digits] = /^([0-9a-f.:]{2,45})(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const family = isIP(base);
  if (family !== 4 && family !== 6) return undefined;
  const bits = family === 4 ? 32 : 128;
  const length = digits === undefined ? bits : Number(digits);
  return length > bits ? undefined : { base, length, family };
}
