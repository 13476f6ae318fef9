import { SpanKind, type Attributes, type Counter, type Histogram, type Meter } from '@opentelemetry/api';
import type { TokenEvent, TokenEventListener, TokenRequestEvent } from '../client/token-event.ts';
import { createLazily, createSpanReporter, type TelemetryOptions } from './telemetry-outlets.ts';

/** Options of {@link createTokenTelemetry}: where telemetry goes. */
export type TokenTelemetryOptions = TelemetryOptions;

/** Counts token requests. */
export const TOKEN_REQUEST_COUNTER = 'mcp.auth.token.requests';
/** Distribution of the time that token requests took, discovery included, in seconds. */
export const TOKEN_REQUEST_DURATION = 'mcp.auth.token.request.duration';
/** Counts what else a token source tells: declined step-ups, suspended renewals, refused credentials and the like. */
export const TOKEN_NOTICE_COUNTER = 'mcp.auth.token.notices';
/** A span for each token request. */
export const TOKEN_REQUEST_SPAN = 'mcp.auth.token.request';

const BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Creates a listener for `onEvent` of token sources that reports to OpenTelemetry.
 *
 * - Counter `mcp.auth.token.requests` and histogram `mcp.auth.token.request.duration` (seconds), with the attributes
 *   `mcp.auth.token.reason` (`cold`, `refresh`, `unauthorized`, `step-up`), `mcp.auth.token.blocking` (whether callers had to wait), `mcp.auth.outcome` (`success`, `failure`),
 *   `error.type` (the error's code) and `mcp.auth.issuer`.
 * - Span `mcp.auth.token.request` (kind client), with these and `mcp.auth.client.id`, `mcp.auth.resource` and
 *   `mcp.auth.step`, the step at which it failed. A renewal in the background has no parent of its own: it is a child
 *   of whatever is active when it ends.
 * - Counter `mcp.auth.token.notices`, with `mcp.auth.notice` (the event's type) and `mcp.auth.cause` where there is
 *   one.
 *
 * Client ids and resources are left out of the metrics, where their number would be a burden. Nothing that is
 * reported can be replayed.
 */
export function createTokenTelemetry(options: TokenTelemetryOptions = {}): TokenEventListener {
  const instruments = createLazily(options, createInstruments);
  const reportSpan = createSpanReporter(options);

  return (event) => {
    const { requests, durations, notices } = instruments();
    if (event.type !== 'token_request') {
      notices.add(1, noticeOf(event));
      return;
    }
    const attributes = attributesOf(event);
    requests.add(1, attributes);
    durations.record(event.durationMilliseconds / 1000, attributes);
    reportSpan({
      name: TOKEN_REQUEST_SPAN,
      kind: SpanKind.CLIENT,
      durationMilliseconds: event.durationMilliseconds,
      attributes: { ...attributes, ...detailsOf(event) },
      errorMessage: event.error?.code,
    });
  };
}

interface Instruments {
  readonly requests: Counter;
  readonly durations: Histogram;
  readonly notices: Counter;
}

function createInstruments(meter: Meter): Instruments {
  return {
    requests: meter.createCounter(TOKEN_REQUEST_COUNTER, {
      description: 'Token requests that brought a token or failed.',
      unit: '{request}',
    }),
    durations: meter.createHistogram(TOKEN_REQUEST_DURATION, {
      description: 'Time spent on obtaining a token.',
      unit: 's',
      advice: { explicitBucketBoundaries: BUCKETS },
    }),
    notices: meter.createCounter(TOKEN_NOTICE_COUNTER, {
      description: 'What token sources told beside token requests.',
      unit: '{notice}',
    }),
  };
}

function attributesOf({ reason, blocking, outcome, issuer, error }: TokenRequestEvent): Attributes {
  return {
    'mcp.auth.token.reason': reason,
    'mcp.auth.token.blocking': blocking,
    'mcp.auth.outcome': outcome,
    'mcp.auth.issuer': issuer,
    ...(error === undefined ? {} : { 'error.type': error.code }),
  };
}

function detailsOf({ clientId, resource, error }: TokenRequestEvent): Attributes {
  return {
    'mcp.auth.client.id': clientId,
    'mcp.auth.resource': resource,
    ...(error === undefined ? {} : { 'mcp.auth.step': error.step }),
  };
}

function noticeOf(event: Exclude<TokenEvent, TokenRequestEvent>): Attributes {
  return {
    'mcp.auth.notice': event.type,
    ...('cause' in event ? { 'mcp.auth.cause': event.cause } : {}),
  };
}
