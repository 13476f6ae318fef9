import type { IncomingMessage } from 'node:http';

import type { EarlyRefusal } from './refuse-token-request.ts';

/** Largest body of a token request: where the engine, too, stops reading one that does not tell its length. */
export const MAX_REQUEST_BYTES = 56 * 1024;

/** The refusal of a body that is too large. The rest of it is not waited for. */
export const REQUEST_TOO_LARGE = {
  status: 413,
  reason: 'request_too_large',
  detail: `a token request has at most ${MAX_REQUEST_BYTES} bytes`,
  headers: { Connection: 'close' },
} as const satisfies EarlyRefusal;

const FORM = /^application\/x-www-form-urlencoded\s*(;\s*charset\s*=\s*("utf-?8"|utf-?8)\s*)?$/i;

/**
 * Judges a token request by its method and headers: what the engine would overlook, or read in one of two
 * possible ways, is refused.
 *
 * @returns why it is refused, if it is
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.2 | RFC 6749 §3.2}
 */
export function judgeTokenRequestForm(request: IncomingMessage): EarlyRefusal | undefined {
  const { method, headers } = request;
  if (method !== 'POST') {
    const detail = 'tokens are requested by POST';
    return { status: 405, reason: 'method_not_allowed', detail, headers: { Allow: 'POST' } };
  }
  if (countAuthorization(request) > 1) return malformed('there must be one Authorization header at most');
  if (headers.origin !== undefined) {
    return malformed('tokens are for machines, not for web pages: there must be no Origin header');
  }
  if (!FORM.test(headers['content-type'] ?? '')) {
    return malformed('the Content-Type must be application/x-www-form-urlencoded, in UTF-8');
  }
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    return malformed('the body must be sent as it is, without a Content-Encoding');
  }
  return Number(headers['content-length'] ?? 0) > MAX_REQUEST_BYTES ? REQUEST_TOO_LARGE : undefined;
}

/** Node keeps the first of several. */
function countAuthorization({ rawHeaders }: IncomingMessage): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'authorization').length;
}

function malformed(detail: string): EarlyRefusal {
  return { status: 400, reason: 'request_malformed', detail };
}
