import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { printable } from '../../printable-text.ts';
import type { AddressJudge } from './address-judge.ts';
import { NodeFetchError } from './node-fetch-error.ts';

/** Resolves a name to all of its addresses, as `dns.lookup` does with `all: true`. */
export type Lookup = (
  hostname: string,
  options: { readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Resolves a host once and judges every address: one that may not be connected to refuses the whole name,
 * since an honest name has none.
 *
 * @param host - a name, or an address without brackets
 * @param secure - whether the connection is to be TLS: without it, only what an option opened is accepted
 * @returns the addresses to connect to, and no others
 * @throws NodeFetchError `address_refused` or `insecure_url`, and whatever the look-up fails with
 */
export async function resolveJudgedAddresses(
  host: string,
  secure: boolean,
  judge: AddressJudge,
  lookup: Lookup = systemLookup,
): Promise<readonly LookupAddress[]> {
  const family = isIP(host);
  const addresses = family === 0 ? await resolve(host, lookup) : [{ address: host, family }];
  for (const { address } of addresses) {
    const verdict = judge(address);
    const shown = address === host ? address : `${printable(host)} resolves to ${printable(address)}, which`;
    if (verdict.kind === 'refused') {
      throw new NodeFetchError(
        'address_refused',
        `${shown} is no public address (${verdict.reason}). To connect there on purpose, open it with allowLoopback or allowedNetworks.`,
      );
    }
    if (!secure && verdict.kind !== 'opened') {
      throw new NodeFetchError(
        'insecure_url',
        `${shown} is a public address, and those are spoken to by https only. Use https.`,
      );
    }
  }
  return addresses;
}

function resolve(host: string, lookup: Lookup): Promise<readonly LookupAddress[]> {
  return new Promise((fulfil, reject) => {
    lookup(host, { all: true }, (error, addresses) => {
      if (error !== null && error !== undefined) return reject(error);
      if (!Array.isArray(addresses) || addresses.length === 0) {
        return reject(Object.assign(new Error(`${printable(host)} has no address`), { code: 'ENOTFOUND' }));
      }
      // A copy: what was judged must not change until it is used.
      fulfil(addresses.map(({ address }) => ({ address, family: isIP(address) })));
    });
  });
}
