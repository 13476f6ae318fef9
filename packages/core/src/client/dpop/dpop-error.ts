/** Why {@link DpopError} was thrown. */
export type DpopErrorCode = 'token_not_bound' | 'token_response_too_large';

/** What {@link DpopError} is built from. */
export interface DpopErrorDetails {
  /** Who was asked: a URL without query. */
  readonly server: string;
  /** What would have been accepted, in words. */
  readonly expected: string;
  /** What came instead, in words; nothing that the server wrote. */
  readonly received: string;
}

/**
 * A token endpoint answered a request with a proof in a way that must not be used.
 *
 * `code` is stable. Holds no token and nothing else of the answer.
 */
export class DpopError extends Error {
  override readonly name = 'DpopError';
  readonly code: DpopErrorCode;
  readonly server: string;
  readonly expected: string;
  readonly received: string;
  readonly hint: string;

  constructor(code: DpopErrorCode, { server, expected, received }: DpopErrorDetails) {
    super(
      `Token request with a DPoP proof at ${server}: expected ${expected}, received ${received}. ${HINTS[code]}`,
    );
    this.code = code;
    this.server = server;
    this.expected = expected;
    this.received = received;
    this.hint = HINTS[code];
  }
}

const HINTS: Readonly<Record<DpopErrorCode, string>> = {
  token_not_bound:
    'Enable DPoP for this client at the authorization server, or set requireBound to false to accept tokens that whoever finds them can use.',
  token_response_too_large: 'Have the operator of the authorization server correct its token endpoint.',
};
