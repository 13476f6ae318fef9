import { promisify } from 'node:util';
import { deflate } from 'node:zlib';

import type { StatusListContent } from '../store/revocation-store.ts';

const compress = promisify(deflate);

/**
 * Packs a list: one bit per token, from the least significant one of each byte, 1 for a revoked token;
 * compressed with zlib, base64url.
 *
 * @param size - tokens in the list; it is published in full, so that nobody learns how many there are
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-oauth-status-list/ | Token Status List, section 4.1}
 */
export async function packStatusList(
  { ranges, indexes }: Pick<StatusListContent, 'ranges' | 'indexes'>,
  size: number,
): Promise<string> {
  const bytes = new Uint8Array(size / 8);
  for (const { firstIndex, size: length } of ranges) {
    for (let index = firstIndex; index < firstIndex + length; index++) setBit(bytes, index);
  }
  for (const index of indexes) setBit(bytes, index);
  return (await compress(bytes, { level: 9 })).toString('base64url');
}

function setBit(bytes: Uint8Array, index: number): void {
  const position = index >> 3;
  bytes[position] = (bytes[position] ?? 0) | (1 << (index & 7));
}
