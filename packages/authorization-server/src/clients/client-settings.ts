import { parseResourceIdentifier, parseSecureUrl, printable } from '@mcp-m2m/core';
import type { Selectable } from 'kysely';

import type { Schema } from '../store/schema.ts';
import { parseAddressList } from './address-list.ts';
import { parseGrantTypes, type GrantType } from './grant-types.ts';
import { parseFutureTime } from './iso-time.ts';
import { parsePlainText } from './plain-text.ts';

/** What can be set when a client is registered and later. `null` takes a setting away, leaving out keeps it. */
export interface ClientSettings {
  /** For people, at most 200 characters. */
  readonly label?: string | null;
  /** Who answers for the client, at most 200 characters. */
  readonly owner?: string | null;
  /** For people, at most 2000 characters, several lines. */
  readonly description?: string | null;
  /** The resource of a token request that names none; must be part of `access`. */
  readonly defaultResource?: string | null;
  /** The grants the client may use; client credentials unless given. */
  readonly grantTypes?: readonly GrantType[];
  /** How long its tokens live, 60 to 86400 seconds; as the server has it unless given. */
  readonly tokenLifetimeSeconds?: number | null;
  /** What every token has to be bound to: a DPoP key or a client certificate. */
  readonly senderConstraint?: 'dpop' | 'mtls' | null;
  /** Addresses and networks in CIDR notation that requests may come from. */
  readonly addresses?: readonly string[] | null;
  /** From when on the client gets no tokens, ISO 8601. */
  readonly expiresAt?: string | null;
  /** Where the client publishes its keys, by https; for `private_key_jwt` only. */
  readonly jwksUri?: string | null;
  /** Lets assertions name the token endpoint instead of the issuer as their audience. */
  readonly assertionAudience?: 'token-endpoint' | null;
}

/** Names of {@link ClientSettings}. */
export const CLIENT_SETTINGS = [
  'label',
  'owner',
  'description',
  'defaultResource',
  'grantTypes',
  'tokenLifetimeSeconds',
  'senderConstraint',
  'addresses',
  'expiresAt',
  'jwksUri',
  'assertionAudience',
] as const satisfies readonly (keyof ClientSettings)[];

type Method = Schema['clients']['method'];
/** The columns that settings go into. */
export type SettingColumns = Partial<Selectable<Schema['clients']>>;
type Parse = (value: unknown, method: Method, now: number) => SettingColumns;

const PARSERS: Readonly<Record<keyof ClientSettings, Parse>> = {
  label: (value) => ({ label: unlessNull(value, (text) => parsePlainText(text, 'label', LINE)) }),
  owner: (value) => ({ owner: unlessNull(value, (text) => parsePlainText(text, 'owner', LINE)) }),
  description: (value) => ({
    description: unlessNull(value, (text) => parsePlainText(text, 'description', LINES)),
  }),
  defaultResource: (value) => ({
    default_resource: unlessNull(value, (resource) => parseResourceIdentifier(resource, 'defaultResource')),
  }),
  grantTypes: (value) => ({ grant_types: parseGrantTypes(value).join(' ') }),
  tokenLifetimeSeconds: (value) => ({ token_lifetime_seconds: unlessNull(value, parseLifetime) }),
  senderConstraint: (value) => ({
    sender_constraint: unlessNull(value, (one) => parseChoice(one, 'senderConstraint', ['dpop', 'mtls'])),
  }),
  addresses: (value) => ({ addresses: unlessNull(value, (list) => JSON.stringify(parseAddressList(list))) }),
  expiresAt: (value, _method, now) => ({
    expires_at: unlessNull(value, (time) => parseFutureTime(time, 'expiresAt', now)),
  }),
  jwksUri: (value, method) => ({
    jwks_uri: unlessNull(value, (url) => {
      assertSigning(method, 'jwksUri');
      return parseSecureUrl(url, 'jwksUri').href;
    }),
  }),
  assertionAudience: (value, method) => ({
    assertion_audience: unlessNull(value, (one) => {
      assertSigning(method, 'assertionAudience');
      return parseChoice(one, 'assertionAudience', ['token-endpoint']);
    }),
  }),
};

const LINE = { maxLength: 200 };
const LINES = { maxLength: 2000, lines: true };

/**
 * Validates those settings that are given.
 *
 * Does not compare them with each other, nor `defaultResource` with the client's access.
 *
 * @param now - milliseconds
 * @throws TypeError naming the setting and the mend
 */
export function parseClientSettings(settings: ClientSettings, method: Method, now: number): SettingColumns {
  const columns: SettingColumns = {};
  for (const name of CLIENT_SETTINGS) {
    const value: unknown = settings[name];
    if (value !== undefined) Object.assign(columns, PARSERS[name](value, method, now));
  }
  return columns;
}

function unlessNull<Parsed>(value: unknown, parse: (value: unknown) => Parsed): Parsed | null {
  return value === null ? null : parse(value);
}

function parseLifetime(value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 60 && value <= 86_400) return value;
  throw new TypeError(
    `tokenLifetimeSeconds must be a whole number from 60 to 86400, received ${printable(value)}.`,
  );
}

function parseChoice<const Choice extends string>(
  value: unknown,
  option: string,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new TypeError(
    `${option} must be ${choices.map((choice) => `"${choice}"`).join(' or ')}, or be left out, received ${printable(value)}.`,
  );
}

function assertSigning(method: Method, option: string): void {
  if (method === 'private_key_jwt') return;
  throw new TypeError(`${option} is for clients that sign assertions (private_key_jwt); leave it out.`);
}
