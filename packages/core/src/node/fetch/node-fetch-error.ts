/** Why a request was not made, or its answer not handed on. */
export type NodeFetchErrorCode =
  | 'unsupported_url'
  | 'insecure_url'
  | 'address_refused'
  | 'connect_timeout'
  | 'headers_timeout'
  | 'redirect_refused'
  | 'content_encoding_refused'
  | 'certificate_unusable'
  | 'closed';

/**
 * A rule of {@link createNodeFetch} that a request or its answer broke. A `TypeError`, as all failures of a `fetch`
 * are; what the network itself fails with is a plain one with its `cause`.
 *
 * `code` is stable. The message names hosts and addresses; it has no path, query, header or key.
 */
export class NodeFetchError extends TypeError {
  override readonly name = 'NodeFetchError';
  readonly code: NodeFetchErrorCode;

  constructor(code: NodeFetchErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
