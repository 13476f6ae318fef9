import { assertKnownOptions, parseIssuerIdentifier, parseSecureUrl } from '@mcp-m2m/core';
import { createJwtVerifier } from '@mcp-m2m/core/server';

import { parsePlainText } from '../clients/plain-text.ts';

/**
 * What an issuer's JWTs are accepted as: `workload`, the identity of a machine that trust rules map to a client;
 * `id-jag`, what an enterprise's identity provider decided about a person.
 */
export type TrustedIssuerKind = 'workload' | 'id-jag';

/** Public keys as a JWK Set. */
export interface PublicKeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** An issuer whose JWTs are accepted as grants. */
export interface TrustedIssuer {
  readonly id: string;
  /** The claim `iss`, compared character by character. */
  readonly issuer: string;
  readonly kind: TrustedIssuerKind;
  readonly label: string | undefined;
  /** Where its keys are; discovered when undefined, unless `jwks` is given. */
  readonly jwksUri: string | undefined;
  /** Its keys, where it publishes none. */
  readonly jwks: PublicKeySet | undefined;
  /** Whether each of its JWTs is accepted once only. */
  readonly singleUse: boolean;
  readonly revision: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Options of `trust.issuers.create`. */
export interface TrustedIssuerOptions {
  /** The claim `iss` of its JWTs; its https URL, unless `jwksUri` or `jwks` says where its keys are. */
  readonly issuer: string;
  readonly kind: TrustedIssuerKind;
  /** For people, at most 200 characters. */
  readonly label?: string | undefined;
  /** Where its keys are; discovered from its metadata when neither this nor `jwks` is given. */
  readonly jwksUri?: string | undefined;
  /** Its public keys, where it publishes none. */
  readonly jwks?: PublicKeySet | undefined;
  /**
   * Accepts each of its JWTs once. False unless given: a Kubernetes pod presents the same projected token until
   * the kubelet renews it, and a client may present an ID-JAG again to renew an access token.
   */
  readonly singleUse?: boolean | undefined;
}

/** Options of `trust.issuers.update`: what is not given stays; `null` takes it away. */
export interface TrustedIssuerChanges {
  readonly label?: string | null | undefined;
  readonly jwksUri?: string | null | undefined;
  readonly jwks?: PublicKeySet | null | undefined;
  readonly singleUse?: boolean | undefined;
  /** The `revision` that was read: refused when it was changed meanwhile. */
  readonly ifRevision?: string | undefined;
}

/** What is stored of an issuer, beside its id and times. */
export type TrustedIssuerSettings = Pick<
  TrustedIssuer,
  'issuer' | 'kind' | 'label' | 'jwksUri' | 'jwks' | 'singleUse'
>;

/**
 * Validates a new trusted issuer. Contacts nobody.
 *
 * @throws TypeError naming the option and the mend
 */
export function parseTrustedIssuer(options: TrustedIssuerOptions): TrustedIssuerSettings {
  assertKnownOptions(
    options,
    ['issuer', 'kind', 'label', 'jwksUri', 'jwks', 'singleUse'],
    'trust.issuers.create',
  );
  const { kind } = options;
  if (kind !== 'workload' && kind !== 'id-jag') {
    throw new TypeError(
      'kind must be "workload" (tokens of machines) or "id-jag" (what an identity provider decided about people).',
    );
  }
  return assertUsable({
    issuer: options.issuer,
    kind,
    label: parseTrustLabel(options.label),
    jwksUri: options.jwksUri,
    jwks: options.jwks,
    singleUse: parseBoolean(options.singleUse ?? false, 'singleUse'),
  });
}

/**
 * Validates changes to a trusted issuer.
 *
 * @throws TypeError naming the option and the mend
 */
export function changeTrustedIssuer(
  current: TrustedIssuerSettings,
  changes: TrustedIssuerChanges,
): TrustedIssuerSettings {
  assertKnownOptions(
    changes,
    ['label', 'jwksUri', 'jwks', 'singleUse', 'ifRevision'],
    'trust.issuers.update',
  );
  const { issuer, kind } = current;
  return assertUsable({
    issuer,
    kind,
    label: changes.label === undefined ? current.label : parseTrustLabel(changes.label ?? undefined),
    jwksUri: changes.jwksUri === undefined ? current.jwksUri : (changes.jwksUri ?? undefined),
    jwks: changes.jwks === undefined ? current.jwks : (changes.jwks ?? undefined),
    singleUse: parseBoolean(changes.singleUse ?? current.singleUse, 'singleUse'),
  });
}

/** Validates a label; undefined for none. */
export function parseTrustLabel(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return parsePlainText(value, 'label', { maxLength: 200 });
}

function parseBoolean(value: unknown, option: string): boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${option} must be true or false.`);
  return value;
}

const SECRET_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

function assertUsable(settings: TrustedIssuerSettings): TrustedIssuerSettings {
  const { issuer, jwksUri, jwks } = settings;
  if (typeof issuer !== 'string' || issuer === '' || issuer.length > 1000) {
    throw new TypeError('issuer must be the claim "iss" of its JWTs: a text of 1 to 1000 characters.');
  }
  if (jwksUri !== undefined && jwks !== undefined) {
    throw new TypeError('jwksUri and jwks exclude each other: leave one out.');
  }
  if (jwksUri !== undefined) parseSecureUrl(jwksUri, 'jwksUri');
  else if (jwks === undefined) parseIssuerIdentifier(issuer);
  if (jwks !== undefined) assertPublicKeySet(jwks);
  // What else the verifier asks of its options; it contacts nobody before the first token.
  createJwtVerifier({ issuer, jwksUri, jwks });
  return settings;
}

function assertPublicKeySet(value: unknown): void {
  const keys = (value as { keys?: unknown } | null)?.keys;
  const listed = Array.isArray(keys) && keys.length > 0 && keys.length <= 100;
  if (!listed || !keys.every((key) => typeof key === 'object' && key !== null && !Array.isArray(key))) {
    throw new TypeError('jwks must be a JWK Set with 1 to 100 keys: { keys: [ … ] }.');
  }
  if (keys.some((key: object) => SECRET_MEMBERS.some((member) => member in key))) {
    throw new TypeError(
      'jwks holds a private or symmetric key. Replace it, as it has been sent around, and give the public keys alone.',
    );
  }
}
