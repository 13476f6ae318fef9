import { BodyTooLargeError, readBoundedBody } from './bounded-body.ts';
import { startDeadline } from './deadline.ts';
import { DocumentError, type DocumentErrorCode } from './document-error.ts';
import { isLoopbackHostname } from './loopback.ts';
import { printable, sanitizeText } from './printable-text.ts';
import { parseRetryAfter } from './retry-after.ts';
import { untilAborted } from './until-aborted.ts';

/** The part of `fetch` that is used here; every standard `fetch` fits. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** The bounds of an exchange. */
export interface ExchangeOptions {
  /** Performs the request. Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** Bound on the whole exchange, body included, in milliseconds. Default 3000. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Bound on the body after decoding, in bytes. Default 262,144. */
  readonly maxBytes?: number | undefined;
  /** Ends the exchange early. */
  readonly signal?: AbortSignal | undefined;
  /** The current time in milliseconds since the epoch, to read a `Retry-After` date by. Default: `Date.now`. */
  readonly now?: (() => number) | undefined;
}

/** What is asked for, and how. */
export interface DocumentRequest {
  /** Content types that are accepted, the one that is preferred first. */
  readonly contentTypes: readonly [string, ...string[]];
  /** Whether any `application/…+json` is accepted too. Default false. */
  readonly anyJson?: boolean;
  /** Sent with the request beside `accept`. */
  readonly headers?: Headers | undefined;
  /** A form to send: the request is then a POST, and of a form's content type unless `headers` has one. */
  readonly form?: URLSearchParams | undefined;
}

/** A document, whole and unparsed. */
export interface BoundedDocument {
  readonly bytes: Uint8Array;
  /** In lower case, without parameters. */
  readonly contentType: string;
  readonly headers: Headers;
}

/**
 * Fetches a document under bounds on time, size, transport and content type.
 *
 * Follows no redirect, uses https (or http on loopback) only, and accepts status 200 only. Does not resolve
 * names: a name that points into a private network is not noticed here.
 *
 * @throws DocumentError with a stable `code` for everything that goes wrong with the exchange
 */
export async function fetchDocument(
  url: string,
  request: DocumentRequest,
  options: ExchangeOptions = {},
): Promise<BoundedDocument> {
  assertSecureDocumentUrl(url);
  const timeoutMilliseconds = options.timeoutMilliseconds ?? 3000;
  const maxBytes = options.maxBytes ?? 262_144;
  const { signal: timeout, stop } = startDeadline(timeoutMilliseconds);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  const fail = (
    code: DocumentErrorCode,
    expected: string,
    received: string,
    cause?: unknown,
  ): DocumentError => new DocumentError(code, { url, expected, received, cause });
  const headers = new Headers(request.headers);
  headers.set('accept', request.contentTypes.join(', '));
  if (request.form !== undefined && !headers.has('content-type')) {
    headers.set('content-type', 'application/x-www-form-urlencoded');
  }
  try {
    const response = await untilAborted(
      (options.fetch ?? globalThis.fetch)(url, {
        ...(request.form === undefined ? {} : { method: 'POST', body: request.form.toString() }),
        headers,
        redirect: 'manual',
        signal,
      }),
      signal,
    );
    const contentType = assertAcceptable(url, response, request, options.now ?? Date.now);
    const bytes = await untilAborted(readBoundedBody(response, maxBytes), signal);
    return { bytes, contentType, headers: response.headers };
  } catch (error) {
    if (error instanceof DocumentError) throw error;
    if (error instanceof BodyTooLargeError) {
      throw fail('too_large', `at most ${maxBytes} bytes`, error.message);
    }
    if (timeout.aborted) {
      throw fail('timeout', `an answer within ${timeoutMilliseconds} ms`, 'none', error);
    }
    if (options.signal?.aborted === true) throw options.signal.reason;
    const code = isRefusedAddress(error) ? 'insecure_url' : 'unreachable';
    throw fail(code, 'an answer', describeNetworkFailure(error), error);
  } finally {
    stop();
  }
}

/**
 * Refuses addresses that a document must not be fetched from.
 *
 * @throws DocumentError `insecure_url`
 */
export function assertSecureDocumentUrl(url: string): void {
  const parsed = URL.parse(url);
  const secure =
    parsed !== null &&
    (parsed.protocol === 'https:' || (parsed.protocol === 'http:' && isLoopbackHostname(parsed.hostname))) &&
    parsed.username === '' &&
    parsed.password === '';
  if (!secure) {
    throw new DocumentError('insecure_url', {
      url: sanitizeText(url),
      expected: 'an https URL without user information (http on loopback only)',
      received: printable(parsed === null ? 'not a URL' : `${parsed.protocol}//${parsed.host}`),
    });
  }
}

/** Judges the status and the content type, and returns the latter. */
function assertAcceptable(
  url: string,
  response: Response,
  { contentTypes, anyJson = false }: DocumentRequest,
  now: () => number,
): string {
  const status = response.status;
  if (isRedirect(response)) {
    discard(response);
    throw new DocumentError('redirected', {
      url,
      expected: 'no redirect',
      received: `status ${status}`,
      status,
    });
  }
  if (status !== 200) {
    discard(response);
    const retryAfterSeconds = parseRetryAfter(response.headers.get('retry-after'), now());
    throw new DocumentError('unexpected_status', {
      url,
      expected: 'status 200',
      received: `status ${status}`,
      status,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    });
  }
  const type = readContentType(response.headers);
  if (contentTypes.includes(type) || (anyJson && isJsonType(type))) return type;
  discard(response);
  throw new DocumentError('unexpected_content_type', {
    url,
    expected: contentTypes.join(' or '),
    received: type === '' ? 'no content type' : printable(type),
  });
}

/** Tells whether a response to a request with `redirect: 'manual'` is a redirect. */
export function isRedirect({ type, status }: Response): boolean {
  // A browser answers a manual redirect with an opaque response of status 0.
  return type === 'opaqueredirect' || (status >= 300 && status < 400);
}

/** The content type in lower case, without parameters; empty where there is none. */
export function readContentType(headers: Headers): string {
  return (headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Tells whether a content type, as {@link readContentType} gives it, is JSON: its own or `application/…+json`. */
export function isJsonType(type: string): boolean {
  return type === 'application/json' || /^application\/[^;]+\+json$/.test(type);
}

function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}

/** Whether a `fetch` that judges addresses refused to go there: it is the address that is wrong, not the network. */
export function isRefusedAddress(error: unknown): boolean {
  const code = networkFailureCode(error);
  return code === 'address_refused' || code === 'insecure_url';
}

/** Says in words how the network failed. */
export function describeNetworkFailure(error: unknown): string {
  const code = networkFailureCode(error);
  return code === undefined ? 'a network failure' : `a network failure (${sanitizeText(code, 60)})`;
}

/** The code of a network failure (`ECONNREFUSED`), which runtimes bury in causes. */
function networkFailureCode(error: unknown): string | undefined {
  for (
    let current = error, depth = 0;
    current instanceof Error && depth < 5;
    current = current.cause, depth++
  ) {
    const { code } = current as { code?: unknown };
    if (typeof code === 'string') return code;
  }
  return undefined;
}
