import { printable } from '@mcp-m2m/core';

/** Algorithms that access tokens can be signed with. */
export const SIGNING_ALGORITHMS = ['ES256', 'EdDSA', 'RS256'] as const;

/** `EdDSA` is Ed25519. */
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/**
 * Validates the name of an algorithm.
 *
 * @throws TypeError naming the option and what there is
 */
export function parseSigningAlgorithm(value: unknown, option: string): SigningAlgorithm {
  const found = SIGNING_ALGORITHMS.find((name) => name === value);
  if (found === undefined) {
    throw new TypeError(
      `${option} must be one of ${SIGNING_ALGORITHMS.join(', ')}, received ${printable(value)}.`,
    );
  }
  return found;
}
