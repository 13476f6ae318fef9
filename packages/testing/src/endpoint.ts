import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { sendAnswer, type EndpointAnswer } from './endpoint-answer.ts';
import type { EndpointName, RecordedRequest } from './recorded-request.ts';

/** What makes up an endpoint's answer, from the request alone. */
export type AnswerFunction = (request: RecordedRequest) => EndpointAnswer | Promise<EndpointAnswer>;

/** One endpoint of an authority: what reached it, and how to make it fail. A new fault replaces the last. */
export interface TestEndpoint {
  /** Every request that reached it, oldest first, answered or not. */
  readonly requests: readonly RecordedRequest[];
  /** Forgets the requests recorded so far. */
  clearRequests(): void;
  /**
   * Sends this answer instead of the real one.
   *
   * @param times - how many requests get it before the endpoint recovers; default all
   */
  answerWith(answer: EndpointAnswer | AnswerFunction, options?: { times?: number }): void;
  /** Takes requests and never answers them. */
  hang(): void;
  /** Cuts the connection of every request without an answer. */
  goDown(): void;
  /** Lets requests wait, and answers all of them when the returned function is called. */
  hold(): () => void;
  /** Adds headers to every answer, faulty or not, such as `cache-control`; an empty object removes them. */
  setHeaders(headers: OutgoingHttpHeaders): void;
  /** Answers as it should again. Requests that already hang stay without an answer. */
  recover(): void;
}

/** An endpoint as the server sees it. */
export interface ServedEndpoint extends TestEndpoint {
  serve(request: RecordedRequest, response: ServerResponse): Promise<void>;
  record(request: RecordedRequest): void;
}

type Fault =
  | { readonly kind: 'hang' | 'down' }
  | { readonly kind: 'hold'; readonly released: Promise<void> }
  | { readonly kind: 'answer'; readonly answer: AnswerFunction; remaining: number };

/** Creates an endpoint that answers with `answerNormally` until a fault is set. */
export function createEndpoint(answerNormally: AnswerFunction): ServedEndpoint {
  let fault: Fault | undefined;
  let headers: OutgoingHttpHeaders = {};
  let requests: RecordedRequest[] = [];
  return {
    get requests() {
      return requests;
    },
    clearRequests() {
      requests = [];
    },
    answerWith(answer, { times = Number.POSITIVE_INFINITY } = {}) {
      if (!(times >= 1)) throw new TypeError('answerWith: times must be at least 1.');
      const asFunction = typeof answer === 'function' ? answer : () => answer;
      fault = { kind: 'answer', answer: asFunction, remaining: times };
    },
    hang() {
      fault = { kind: 'hang' };
    },
    goDown() {
      fault = { kind: 'down' };
    },
    hold() {
      let release = (): void => {};
      const held: Fault = { kind: 'hold', released: new Promise((resolve) => (release = resolve)) };
      fault = held;
      return () => {
        if (fault === held) fault = undefined;
        release();
      };
    },
    setHeaders(extra) {
      headers = extra;
    },
    recover() {
      fault = undefined;
    },
    record(request) {
      requests.push(request);
    },
    async serve(request, response) {
      let answer = answerNormally;
      if (fault?.kind === 'hang') return;
      if (fault?.kind === 'down') {
        response.destroy();
        return;
      }
      if (fault?.kind === 'hold') await fault.released;
      if (fault?.kind === 'answer') {
        answer = fault.answer;
        fault.remaining -= 1;
        if (fault.remaining <= 0) fault = undefined;
      }
      await sendAnswer(response, await answer(request), headers);
    },
  };
}

/** The endpoints whose behaviour a test can change. */
export type TestEndpoints = Readonly<Record<Exclude<EndpointName, 'other'>, TestEndpoint>>;
