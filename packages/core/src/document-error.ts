/** Why a document could not be used. */
export type DocumentErrorCode =
  | 'insecure_url'
  | 'unreachable'
  | 'timeout'
  | 'redirected'
  | 'unexpected_status'
  | 'unexpected_content_type'
  | 'too_large'
  | 'not_json'
  | 'not_an_object'
  | 'invalid_member'
  | 'identity_mismatch';

/** What {@link DocumentError} is built from. */
export interface DocumentErrorDetails {
  /** Where the document was asked for. */
  readonly url: string;
  /** What would have been accepted, in words. */
  readonly expected: string;
  /** What came instead, sanitised and bounded. */
  readonly received: string;
  /** HTTP status of the answer, where there was one. */
  readonly status?: number;
  /** Seconds the peer asked to wait, where it did. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/**
 * A JSON document (metadata or a key set) that could not be fetched or must not be used.
 *
 * `code` is stable. The message names the address, what was expected and what came; the address's query
 * and user information are left out of it.
 */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';
  readonly code: DocumentErrorCode;
  readonly url: string;
  readonly expected: string;
  readonly received: string;
  readonly status: number | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: DocumentErrorCode, details: DocumentErrorDetails) {
    const url = withoutSecrets(details.url);
    super(
      `${url}: expected ${details.expected}, received ${details.received}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.code = code;
    this.url = url;
    this.expected = details.expected;
    this.received = details.received;
    this.status = details.status;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** An address for a message: without query, fragment and user information. */
export function withoutSecrets(url: string): string {
  const end = url.search(/[?#]/);
  return (end === -1 ? url : url.slice(0, end)).replace(/^([a-z][a-z0-9+.-]*:\/*)[^/\\]*@/i, '$1');
}
