import type { HttpAnswer, RefusalReason } from '@mcp-m2m/core/server';
import type { Answered } from '@mcp-m2m/core/node';
import { HttpException } from '@nestjs/common';

/**
 * Thrown by `McpAuthGuard` for a request that must not be served. `message` is the sentence for the peer,
 * `getResponse()` the body, `getStatus()` the status; no token is in it.
 *
 * Its challenge is on the response already, so that an exception filter that writes another body does not lose it.
 */
export class McpAuthException extends HttpException {
  /** What is answered. */
  readonly answer: HttpAnswer;
  /** Why, as a stable code; `undefined` for the answer to a preflight. */
  readonly reason: RefusalReason | undefined;

  constructor(answer: Answered['answer']) {
    const { status, headers, body } = answer;
    super(body === '' ? '' : (JSON.parse(body) as object), status);
    const refusal = 'reason' in answer ? answer : undefined;
    this.message = refusal?.description ?? 'Answered by McpAuthGuard';
    this.name = 'McpAuthException';
    this.answer = { status, headers, body };
    this.reason = refusal?.reason;
  }
}
