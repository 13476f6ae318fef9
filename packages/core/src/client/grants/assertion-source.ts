/** What an assertion is asked for. */
export interface AssertionRequest {
  /** The authorization server that will judge it: the audience it should be made for, where that can be chosen. */
  readonly audience: string;
  /** The client's id at that authorization server. */
  readonly clientId: string;
  /** The MCP server that the token will be for. */
  readonly resource: string;
  /** The current time in milliseconds since the epoch. */
  readonly now: () => number;
  /** Aborts when the time for the whole exchange is up. */
  readonly signal: AbortSignal;
  /** Keeps a value out of every message, event and cause, should a peer echo it. */
  conceal(value: string): void;
}

/**
 * Where the assertion of a workload comes from: a JWT that somebody the authorization server trusts has signed
 * for it. Asked again for every token request, as such assertions live for minutes only.
 */
export interface AssertionSource {
  /** For messages: what is asked, such as `Kubernetes service account token`. */
  readonly name: string;
  /**
   * Whose assertion it is, where that is known beforehand and not the client's own: tokens had for it are kept
   * apart from those of others.
   */
  readonly subject?: string | undefined;
  /**
   * @throws whatever went wrong; of anything but an `AssertionSourceError` only names and codes are shown, as
   *   its message may hold the assertion
   */
  getAssertion(request: AssertionRequest): Promise<string>;
}

/** What {@link AssertionSourceError} is built from. */
export interface AssertionSourceErrorDetails {
  /** What was asked: a path, a URL without query, a command's name. */
  readonly from: string;
  /** What would have been accepted, in words. */
  readonly expected: string;
  /** What came instead, sanitised and bounded, without secrets. */
  readonly received: string;
  /** What a person can do. */
  readonly hint: string;
  /** Whether asking again later may help. Default true. */
  readonly passing?: boolean | undefined;
  readonly cause?: unknown;
}

/** A source gave no assertion. Its message, which holds no secret, is shown to the operator. */
export class AssertionSourceError extends Error {
  override readonly name = 'AssertionSourceError';
  readonly from: string;
  readonly expected: string;
  readonly received: string;
  readonly hint: string;
  readonly passing: boolean;

  constructor(source: string, details: AssertionSourceErrorDetails) {
    super(
      `No assertion from ${source} (${details.from}): expected ${details.expected}, received ${details.received}. ${details.hint}`,
      details.cause === undefined ? undefined : { cause: details.cause },
    );
    this.from = details.from;
    this.expected = details.expected;
    this.received = details.received;
    this.hint = details.hint;
    this.passing = details.passing ?? true;
  }
}
