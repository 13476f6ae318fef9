import { decodeBase64url } from '../base64url.ts';
import { assertValidNow, readValidityPeriod } from '../claims.ts';
import { parseCompactJws } from '../compact-jws.ts';
import { isSignatureValid } from '../jws-signature.ts';
import type { TrustedIssuer } from '../trusted-issuer.ts';
import { inflateBounded } from './inflate.ts';

/** A verified status list. */
export interface StatusList {
  readonly bits: number;
  readonly bytes: Uint8Array;
  /** Seconds since the epoch. */
  readonly issuedAt: number;
  /** Milliseconds since the epoch: when it was fetched, from when it is renewed, until when it is used. */
  readonly fetchedAt: number;
  readonly freshUntil: number;
  readonly expiresAt: number;
}

/** What a status list token is verified against. */
export interface StatusListRequirements {
  /** Where it was fetched from. */
  readonly uri: string;
  readonly issuer: TrustedIssuer;
  /** Current time in milliseconds since the epoch. */
  readonly time: number;
  readonly clockToleranceSeconds: number;
}

const MAX_TOKEN_LENGTH = 2_097_152;
const MAX_LIST_BYTES = 16_777_216;
const TTL_SECONDS = { min: 1, default: 300, max: 3600 };
/** A list without `exp` is not used beyond this age while it cannot be renewed. */
const MAX_AGE_SECONDS = 86_400;

/**
 * Verifies a status list token with its issuer's keys and unpacks the list.
 *
 * @throws VerificationFailure or Error that says what is wrong with it
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-oauth-status-list/ | Token Status List, sections 5.1 and 8.3}
 */
export async function readStatusList(
  token: string,
  requirements: StatusListRequirements,
): Promise<StatusList> {
  const { uri, issuer, time, clockToleranceSeconds } = requirements;
  const jws = parseCompactJws(token, MAX_TOKEN_LENGTH);
  const { algorithm, keyId, header, claims } = jws;
  if (typeof header.typ !== 'string' || !/^(?:application\/)?statuslist\+jwt$/i.test(header.typ)) {
    throw new Error('the status list has another type than statuslist+jwt');
  }
  if (claims.sub !== uri) throw new Error('the status list is for another address');
  if (claims.iss !== undefined && claims.iss !== issuer.issuer)
    throw new Error('the status list is of another issuer');
  const { cryptoKey } = await issuer.keys.find(algorithm, keyId);
  if (!(await isSignatureValid(jws, cryptoKey)))
    throw new Error('the signature of the status list is not valid');
  const latest = time / 1000 + MAX_AGE_SECONDS;
  const { issuedAt, ...period } = readValidityPeriod({ ...claims, exp: claims.exp ?? latest });
  if (issuedAt === undefined) throw new Error('the status list has no "iat"');
  assertValidNow({ issuedAt, ...period }, time / 1000, clockToleranceSeconds);
  const { bits, compressed } = readPacked(claims.status_list);
  const bytes = await inflateBounded(compressed, MAX_LIST_BYTES);
  if (bytes.length === 0) throw new Error('the status list is empty');
  return {
    bits,
    bytes,
    issuedAt,
    fetchedAt: time,
    freshUntil: time + readTtl(claims.ttl) * 1000,
    expiresAt: Math.min(period.expiresAt + clockToleranceSeconds, latest) * 1000,
  };
}

/**
 * Looks an entry up. Entries are packed from the least significant bit of each byte.
 *
 * @returns `undefined` beyond the end of the list
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-oauth-status-list/ | Token Status List, section 4.1}
 */
export function readStatus({ bits, bytes }: StatusList, index: number): number | undefined {
  const perByte = 8 / bits;
  const byte = bytes[Math.floor(index / perByte)];
  return byte === undefined ? undefined : (byte >> ((index % perByte) * bits)) & (2 ** bits - 1);
}

function readPacked(value: unknown): { readonly bits: number; readonly compressed: Uint8Array } {
  const { bits, lst } = (typeof value === 'object' ? (value ?? {}) : {}) as { bits?: unknown; lst?: unknown };
  if (bits !== 1 && bits !== 2 && bits !== 4 && bits !== 8)
    throw new Error('the status list has no valid "bits"');
  const compressed = typeof lst === 'string' ? decodeBase64url(lst) : undefined;
  if (compressed === undefined) throw new Error('the status list has no valid "lst"');
  return { bits, compressed };
}

function readTtl(ttl: unknown): number {
  if (typeof ttl !== 'number' || !(ttl > 0)) return TTL_SECONDS.default;
  return Math.min(TTL_SECONDS.max, Math.max(TTL_SECONDS.min, ttl));
}
