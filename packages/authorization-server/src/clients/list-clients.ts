import { assertKnownOptions, parseResourceIdentifier, printable } from '@mcp-m2m/core';

import type { ClientFilter } from '../store/client-store.ts';

/** Options of `clients.list`; what is given has to apply all at once. */
export interface ListClientsOptions {
  /** Most clients in one page, 1 to 1000; 100 unless given. */
  readonly limit?: number;
  /** `nextAfter` of the page before. */
  readonly after?: string;
  readonly state?: 'enabled' | 'disabled';
  readonly method?: 'secret' | 'private_key_jwt' | 'workload';
  /** Those that may use this resource. */
  readonly resource?: string;
  /** Those of exactly this owner. */
  readonly owner?: string;
  /** Part of the id, label, owner or description, whatever its case. */
  readonly search?: string;
}

/** Which page of which clients. */
export interface ClientListing {
  readonly filter: ClientFilter;
  readonly limit: number;
  readonly after: string;
}

const OPTIONS = ['limit', 'after', 'state', 'method', 'resource', 'owner', 'search'] as const;

/**
 * Validates the options of a listing.
 *
 * @throws TypeError naming the option and the mend
 */
export function parseClientListing(options: ListClientsOptions): ClientListing {
  assertKnownOptions(options, OPTIONS, 'clients.list');
  return {
    limit: parseLimit(options.limit),
    after: parseFilterText(options.after, 'after') ?? '',
    filter: {
      state: parseFilterChoice(options.state, 'state', ['enabled', 'disabled']),
      method: parseFilterChoice(options.method, 'method', ['secret', 'private_key_jwt', 'workload']),
      resource:
        options.resource === undefined ? undefined : parseResourceIdentifier(options.resource, 'resource'),
      owner: parseFilterText(options.owner, 'owner'),
      search: parseFilterText(options.search, 'search'),
    },
  };
}

/**
 * Validates the length of a page.
 *
 * @throws TypeError
 */
export function parseLimit(value: unknown = 100): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 1000) return value;
  throw new TypeError(`limit must be a whole number from 1 to 1000, received ${printable(value)}.`);
}

/**
 * Validates a text that is compared with what is stored.
 *
 * @throws TypeError
 */
export function parseFilterText(value: unknown, option: string): string | undefined {
  if (value === undefined) return undefined;
  // PostgreSQL refuses texts with a NUL or half a character.
  if (typeof value === 'string' && value.length <= 2048 && value.isWellFormed() && !value.includes('\0')) {
    return value;
  }
  throw new TypeError(`${option} must be a text of at most 2048 characters, received ${printable(value)}.`);
}

function parseFilterChoice<const Choice extends string>(
  value: unknown,
  option: string,
  choices: readonly Choice[],
): Choice | undefined {
  if (value === undefined) return undefined;
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new TypeError(`${option} must be one of ${choices.join(', ')}, received ${printable(value)}.`);
}
