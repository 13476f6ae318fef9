import type { RefusalReason, Refusal } from '@mcp-m2m/core/server';

/**
 * What error handlers get for a request that must not be served, where `onRefusal` is `next`.
 *
 * `message` is the sentence for the peer. `response.writeHead(error.status, error.headers).end(error.body)` is what
 * `protect()` would have answered. No token is in it.
 */
export class McpAuthError extends Error {
  override readonly name = 'McpAuthError';
  readonly status: number;
  /** The same as `status`, by the other name that error handlers look for. */
  readonly statusCode: number;
  /** Of the answer, the challenge among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the answer: JSON. */
  readonly body: string;
  /** `message` is for the peer. */
  readonly expose = true;
  /** Why, as a stable code for logs. */
  readonly reason: RefusalReason;

  constructor({ status, headers, body, description, reason }: Refusal) {
    super(description);
    this.status = this.statusCode = status;
    this.headers = headers;
    this.body = body;
    this.reason = reason;
  }
}
