import { printable } from '../printable-text.ts';
import { decodeBase64url } from './base64url.ts';
import { freezeDeep } from './freeze-deep.ts';
import { copyText } from './copied-text.ts';
import { parseStrictJsonObject } from './strict-json.ts';
import { VerificationFailure } from './verification-failure.ts';

/** A signed JWT taken apart, nothing of it verified. */
export interface CompactJws {
  readonly algorithm: string;
  readonly keyId: string | undefined;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** What the signature is over. */
  readonly signingInput: string;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** Longest token that is looked at, in characters. */
export const MAX_TOKEN_LENGTH = 8192;

const COMPACT_FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const MAX_KEY_ID_LENGTH = 512;
// Header parameters that change what is signed or how it is read. None is ever needed by an access token.
const REFUSED_PARAMETERS = ['crit', 'b64', 'zip', 'enc', 'cty'];

/** Tells whether a token claims to be a signed JWT by its form, as opposed to an opaque one. */
export function hasCompactForm(token: string): boolean {
  return COMPACT_FORM.test(token);
}

/**
 * Takes a signed JWT apart in strict form: three parts of canonical base64url, JSON objects without
 * duplicate members, no critical or content-changing header parameter.
 *
 * Verifies no signature and no claim.
 *
 * @param maxLength - longest token that is looked at, in characters. Default 8192.
 * @throws VerificationFailure `token_malformed`
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-5.2 | RFC 7515 §5.2},
 *   {@link https://www.rfc-editor.org/rfc/rfc8725#section-3 | RFC 8725 §3}
 */
export function parseCompactJws(token: string, maxLength = MAX_TOKEN_LENGTH): CompactJws {
  if (token.length > maxLength)
    throw malformed(`at most ${maxLength} characters`, `${token.length} characters`);
  const first = token.indexOf('.');
  const second = token.indexOf('.', first + 1);
  const signature = decodeBase64url(token.slice(second + 1));
  if (first < 1 || second <= first + 1 || signature === undefined || signature.length === 0)
    throw misshapen(token);
  const header = readHeader(token.slice(0, first));
  const claims = parsePart(token.slice(first + 1, second), 'claims');
  return { ...header, claims, signingInput: token.slice(0, second), signature };
}

type ParsedHeader = Pick<CompactJws, 'algorithm' | 'keyId' | 'header'>;

// All tokens of one signing key, and all proofs of one client, have the same header to the letter. Only headers
// that are well-formed are kept, and when there are too many all are forgotten: nothing depends on them.
const MAX_HEADERS = 1000;
const MAX_KEPT_LENGTH = 1024;
const headers = new Map<string, ParsedHeader>();

function readHeader(encoded: string): ParsedHeader {
  const known = headers.get(encoded);
  if (known !== undefined) return known;
  const parsed = parseHeader(encoded);
  if (encoded.length > MAX_KEPT_LENGTH) return parsed;
  if (headers.size >= MAX_HEADERS) headers.clear();
  headers.set(copyText(encoded), { ...parsed, header: freezeDeep(parsed.header) });
  return parsed;
}

function parseHeader(encoded: string): ParsedHeader {
  const header = parsePart(encoded, 'a header');
  for (const parameter of REFUSED_PARAMETERS) {
    if (header[parameter] !== undefined) throw malformed(`no header parameter "${parameter}"`, 'one');
  }
  const { alg, kid } = header;
  if (typeof alg !== 'string') throw malformed('a header parameter "alg" that is a string', printable(alg));
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > MAX_KEY_ID_LENGTH)) {
    throw malformed(`a header parameter "kid" of at most ${MAX_KEY_ID_LENGTH} characters`, 'another');
  }
  return { algorithm: alg, keyId: kid, header };
}

function parsePart(encoded: string, what: string): Record<string, unknown> {
  const bytes = decodeBase64url(encoded);
  const object = bytes && parseStrictJsonObject(bytes);
  if (object === undefined) throw malformed(`${what} in base64url, a strict JSON object`, 'something else');
  return object;
}

function misshapen(token: string): VerificationFailure {
  const count = token.split('.').length;
  return malformed(
    'three parts in canonical base64url, separated by dots',
    count === 3 ? 'empty parts or another encoding' : `${count} part${count === 1 ? '' : 's'}`,
  );
}

function malformed(expected: string, received: string): VerificationFailure {
  return new VerificationFailure('token_malformed', {
    expected,
    received,
    description: 'The access token is not a well-formed signed JWT.',
  });
}
