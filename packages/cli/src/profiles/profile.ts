import { printable } from '@mcp-m2m/core';

import { usageError } from '../command-error.ts';

/** Where a secret is, never what it is. */
export type SecretReference =
  | { readonly env: string }
  | { readonly file: string }
  | { readonly command: readonly [string, ...string[]] }
  | { readonly prompt: true };

/** A connection under a name. Holds no secret: only where it is. */
export interface Profile {
  readonly url?: string;
  /** Path of a file with issuer, client id and secret; stands for those three. */
  readonly credentialFile?: string;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly secret?: SecretReference;
  /** Path of the private key, PKCS #8 in PEM. */
  readonly keyFile?: string;
  readonly keyId?: string;
  /** Algorithm of the key; ES256 unless given. */
  readonly algorithm?: string;
  readonly scopes?: readonly string[];
  readonly dpop?: boolean;
  readonly provider?: ProviderReference;
}

/** An identity provider's profile by name, with its options. */
export interface ProviderReference {
  readonly name: string;
  readonly [option: string]: unknown;
}

const MEMBERS: Readonly<Record<keyof Profile, (value: unknown) => boolean>> = {
  url: isText,
  credentialFile: isText,
  issuer: isText,
  clientId: isText,
  secret: isSecretReference,
  keyFile: isText,
  keyId: isText,
  algorithm: isText,
  scopes: (value) => Array.isArray(value) && value.every(isText),
  dpop: (value) => typeof value === 'boolean',
  provider: (value) =>
    typeof value === 'object' && value !== null && isText((value as { name?: unknown }).name),
};

/**
 * Validates a profile of the configuration file.
 *
 * @throws CommandError naming the member and the mend
 */
export function parseProfile(value: unknown, where: string): Profile {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw usageError(`${where} must be an object.`);
  }
  for (const [name, member] of Object.entries(value)) {
    if (name === 'clientSecret' || (name === 'secret' && typeof member === 'string')) {
      throw usageError(
        `${where}.${name} holds a secret, and secrets stay out of the configuration file. Put it into a file or the environment, and write "secret": { "file": "…" } or { "env": "…" }.`,
      );
    }
    const isRight = Object.hasOwn(MEMBERS, name) ? MEMBERS[name as keyof Profile] : undefined;
    if (isRight === undefined) {
      throw usageError(
        `${where} has an unknown member ${printable(name)}; known are ${Object.keys(MEMBERS).join(', ')}.`,
      );
    }
    if (!isRight(member))
      throw usageError(`${where}.${name} is not of the form it must have; see "mcp-m2m profile set --help".`);
  }
  return value;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isSecretReference(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const entries = Object.entries(value);
  const [entry] = entries;
  if (entry === undefined || entries.length !== 1) return false;
  const [kind, member] = entry as [string, unknown];
  if (kind === 'env' || kind === 'file') return isText(member);
  if (kind === 'command') return Array.isArray(member) && member.length > 0 && member.every(isText);
  return kind === 'prompt' && member === true;
}
