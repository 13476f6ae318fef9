import { encodeTextFields, readFields } from './protobuf-fields.ts';

/** Path of the call that makes JWT-SVIDs. */
export const FETCH_JWT_SVID_PATH = '/SpiffeWorkloadAPI/FetchJWTSVID';

/** One of the identities that a workload has, as a JWT. */
export interface JwtSvid {
  readonly spiffeId: string;
  readonly svid: string;
}

/**
 * Encodes a `JWTSVIDRequest`.
 *
 * @param spiffeId - the identity; all that the workload has, where it is left out
 * @see {@link https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE_Workload_API.md#6-jwt-svid-profile | SPIFFE Workload API §6}
 */
export function encodeJwtSvidRequest(audience: string, spiffeId?: string): Uint8Array {
  return encodeTextFields([[1, audience], ...(spiffeId === undefined ? [] : ([[2, spiffeId]] as const))]);
}

/**
 * Decodes a `JWTSVIDResponse`. Of a field that is there twice the last counts, as everywhere in Protocol Buffers.
 *
 * @throws ProtobufError, or a TypeError for texts that are not UTF-8
 */
export function decodeJwtSvidResponse(message: Uint8Array): JwtSvid[] {
  return readFields(message)
    .filter(({ number }) => number === 1)
    .map(({ bytes }) => {
      const texts = new Map(readFields(bytes).map((field) => [field.number, field.bytes]));
      return { spiffeId: decodeText(texts.get(1)), svid: decodeText(texts.get(2)) };
    });
}

function decodeText(bytes: Uint8Array = new Uint8Array()): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}
