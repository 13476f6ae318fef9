import { BodyTooLargeError, readBoundedBody } from '../../bounded-body.ts';
import { describeNetworkFailure, isRedirect } from '../../bounded-document.ts';
import { AssertionSourceError, type AssertionRequest } from '../../client/grants/assertion-source.ts';
import { startDeadline } from '../../deadline.ts';
import { withoutSecrets } from '../../document-error.ts';
import { kindOf } from '../../printable-text.ts';
import { untilAborted } from '../../until-aborted.ts';
import { fetchDirectly } from './direct-fetch.ts';
import type { HttpEndpointOptions } from './source-options.ts';

/** The most that is read of an answer: far more than any token. */
const MAX_ANSWER_BYTES = 65_536;

/** A question to a platform's endpoint. */
export interface IdentityQuestion {
  /** Name of the source, for the message. */
  readonly source: string;
  /** Has been judged: what the question holds is sent there. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** What a person can do where no answer comes. */
  readonly hint: string;
}

/** What an endpoint answered, of any status but a redirect. */
export interface IdentityAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** An error about this answer; passing unless its status is one of 4xx other than 404, 408, 410 and 429. */
  fail(expected: string, received: string, hint: string): AssertionSourceError;
}

/**
 * Asks a platform's endpoint under bounds on time and size, and follows no redirect.
 *
 * @throws AssertionSourceError, without a cause: what a `fetch` throws may hold the request, or the signal's reason
 */
export async function askIdentityEndpoint(
  { source, url, headers, hint }: IdentityQuestion,
  {
    fetch = url.protocol === 'http:' ? fetchDirectly : globalThis.fetch,
    timeoutMilliseconds = 3000,
  }: HttpEndpointOptions,
  { signal: outer }: AssertionRequest,
): Promise<IdentityAnswer> {
  const from = withoutSecrets(url.href);
  const fail = (expected: string, received: string, passing: boolean, advice = hint): AssertionSourceError =>
    new AssertionSourceError(source, { from, expected, received, hint: advice, passing });
  const { signal: timeout, stop } = startDeadline(timeoutMilliseconds);
  const signal = AbortSignal.any([outer, timeout]);
  try {
    const response = await untilAborted(fetch(url.href, { headers, redirect: 'manual', signal }), signal);
    const { status } = response;
    if (isRedirect(response)) {
      response.body?.cancel().catch(() => undefined);
      throw fail('no redirect', `status ${status}`, false);
    }
    const bytes = await untilAborted(readBoundedBody(response, MAX_ANSWER_BYTES), signal);
    const passing = status < 400 || status >= 500 || [404, 408, 410, 429].includes(status);
    return {
      status,
      headers: response.headers,
      text: new TextDecoder().decode(bytes),
      fail: (expected, received, advice) => fail(expected, received, passing, advice),
    };
  } catch (error) {
    if (error instanceof AssertionSourceError) throw error;
    if (outer.aborted) throw outer.reason;
    if (timeout.aborted) throw fail(`an answer within ${timeoutMilliseconds} ms`, 'none', true);
    if (error instanceof BodyTooLargeError) {
      throw fail(`at most ${MAX_ANSWER_BYTES} bytes`, error.message, false);
    }
    throw fail('an answer', describeNetworkFailure(error), true);
  } finally {
    stop();
  }
}

/**
 * Takes a text out of a JSON answer.
 *
 * @throws AssertionSourceError that shows nothing of the answer
 */
export function readJsonMember(answer: IdentityAnswer, member: string, hint: string): string {
  const value = parseMembers(answer.text)?.[member];
  if (typeof value === 'string' && value !== '') return value;
  const received = parseMembers(answer.text) === undefined ? 'something else' : `${member}: ${kindOf(value)}`;
  throw answer.fail(`a JSON object with "${member}"`, received, hint);
}

/** The members of a JSON object; `undefined` for anything else. */
export function parseMembers(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
