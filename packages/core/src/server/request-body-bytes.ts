import type { BodyRefusalReason } from './request-judge.ts';

/** Most bytes of a request body that are read. */
export const MAX_REQUEST_BODY_BYTES = 4_194_304;

/** What is wrong with a body. `aborted`: the client left before its end. */
export type BodyFault = 'not_json' | 'media_type' | 'second_token' | 'too_large' | 'aborted';

/** The value of a body, or why there is none. */
export type ParsedRequestBody =
  { readonly outcome: 'read'; readonly value: unknown } | { readonly outcome: 'empty' | BodyFault };

/** What the headers of a request say of its body, each as received. */
export interface RequestBodyHeaders {
  readonly contentType: string | null | undefined;
  readonly contentEncoding: string | null | undefined;
  readonly contentLength: string | null | undefined;
}

const JSON_MEDIA_TYPE = /^application\/(?:[^;\s]+\+)?json\s*(?:;|$)/i;
/** The field of a form that holds a token (RFC 6750 §2.2). */
const TOKEN_FIELD = 'access_token';
const FORM_MEDIA_TYPE = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

// A body parser that comes later would decode these into another value than the one that was judged.
const FOREIGN_CHARSET = /charset(?!\s*=\s*"?utf-?8"?\s*(?:;|$))/i;

// A byte order mark stays, and is then no JSON.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const strictUtf8 = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const REPLACEMENT = '\ufffd';

/**
 * Judges a body by its headers, before a byte of it is read.
 *
 * A charset other than UTF-8 and a content encoding count as not JSON.
 *
 * @param maxBytes - the most that is read. Default 4 MiB.
 * @returns what is wrong, or `undefined` for a body that is to be read
 */
export function judgeRequestBodyHeaders(
  { contentType, contentEncoding, contentLength }: RequestBodyHeaders,
  maxBytes = MAX_REQUEST_BODY_BYTES,
): 'not_json' | 'too_large' | undefined {
  if (Number(contentLength ?? 0) > maxBytes) return 'too_large';
  if (FOREIGN_CHARSET.test(contentType ?? '')) return 'not_json';
  return (contentEncoding ?? 'identity').toLowerCase() === 'identity' ? undefined : 'not_json';
}

/**
 * Parses the bytes of a JSON body whose headers have been judged.
 *
 * Another media type than JSON is told apart (`media_type`), and so is a form with a second access token
 * (`second_token`). Without a media type it is JSON.
 */
export function parseRequestBody(
  bytes: Uint8Array,
  contentType: string | null | undefined,
): ParsedRequestBody {
  if (bytes.byteLength === 0) return { outcome: 'empty' };
  const mediaType = contentType ?? 'application/json';
  if (FORM_MEDIA_TYPE.test(mediaType)) {
    return { outcome: judgeForm(new URLSearchParams(utf8.decode(bytes)).has(TOKEN_FIELD)) };
  }
  if (!JSON_MEDIA_TYPE.test(mediaType)) return { outcome: 'media_type' };
  try {
    return { outcome: 'read', value: JSON.parse(decodeUtf8(bytes)) };
  } catch {
    return { outcome: 'not_json' };
  }
}

/**
 * Judges a body that somebody else has parsed: a form is refused as it is where nobody has.
 *
 * @returns what is wrong, or `undefined` for a body that is to be authorized
 */
export function judgeParsedBody(
  value: unknown,
  contentType: string | null | undefined,
): 'second_token' | 'media_type' | undefined {
  if (!FORM_MEDIA_TYPE.test(contentType ?? '')) return undefined;
  const isList = value instanceof URLSearchParams || value instanceof FormData;
  return judgeForm(isList ? value.has(TOKEN_FIELD) : Object.hasOwn(Object(value) as object, TOKEN_FIELD));
}

function judgeForm(hasToken: boolean): 'second_token' | 'media_type' {
  return hasToken ? 'second_token' : 'media_type';
}

/** @throws TypeError for bytes that are no UTF-8 */
function decodeUtf8(bytes: Uint8Array): string {
  const text = utf8.decode(bytes);
  // The strict decoder is slower with other letters than those of English. This one tells by the same sign what is
  // wrong, and what was sent with that sign in it.
  return text.includes(REPLACEMENT) ? strictUtf8.decode(bytes) : text;
}

const REASONS: Readonly<Record<BodyFault, BodyRefusalReason>> = {
  not_json: 'body_not_json',
  aborted: 'body_not_json',
  media_type: 'media_type_not_supported',
  second_token: 'credentials_repeated',
  too_large: 'body_too_large',
};

/** The reason to refuse a body for. */
export function bodyRefusalReason(fault: BodyFault): BodyRefusalReason {
  return REASONS[fault];
}
