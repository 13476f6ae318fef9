import { SpanKind, type Attributes, type Counter, type Histogram, type Meter } from '@opentelemetry/api';
import type { Decision, DecisionListener } from '../server/decision.ts';
import { createLazily, createSpanReporter, type TelemetryOptions } from './telemetry-outlets.ts';

/** Options of {@link createDecisionTelemetry}: where telemetry goes. */
export type DecisionTelemetryOptions = TelemetryOptions;

/** Counts decisions. */
export const DECISION_COUNTER = 'mcp.auth.decisions';
/** Distribution of the time that decisions took, in seconds. */
export const DECISION_DURATION = 'mcp.auth.decision.duration';
/** A span for each decision, child of the active one. */
export const DECISION_SPAN = 'mcp.auth.decide';

const BUCKETS = [0.00001, 0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5];

/**
 * Creates a listener for `onDecision` that reports to OpenTelemetry.
 *
 * - Counter `mcp.auth.decisions` and histogram `mcp.auth.decision.duration` (seconds), with the attributes
 *   `mcp.auth.outcome` (`allowed`, `refused`), `error.type` (the refusal's reason), `mcp.auth.caller.kind` and
 *   `mcp.auth.issuer`.
 * - Span `mcp.auth.decide`, with these and `mcp.auth.client.id`, `mcp.auth.operations` and
 *   `http.response.status_code`. Only an inability to decide (503) is an error; a refusal is a result.
 *
 * Client ids and operations are left out of the metrics, where their number would be a burden. Nothing that is
 * reported can be replayed.
 */
export function createDecisionTelemetry(options: DecisionTelemetryOptions = {}): DecisionListener {
  const instruments = createLazily(options, createInstruments);
  const reportSpan = createSpanReporter(options);

  return (decision) => {
    const attributes = attributesOf(decision);
    const { decisions, durations } = instruments();
    decisions.add(1, attributes);
    durations.record(decision.durationMilliseconds / 1000, attributes);
    reportSpan({
      name: DECISION_SPAN,
      kind: SpanKind.INTERNAL,
      durationMilliseconds: decision.durationMilliseconds,
      attributes: { ...attributes, ...detailsOf(decision) },
      errorMessage: decision.status === 503 ? (decision.reason ?? '') : undefined,
    });
  };
}

interface Instruments {
  readonly decisions: Counter;
  readonly durations: Histogram;
}

function createInstruments(meter: Meter): Instruments {
  return {
    decisions: meter.createCounter(DECISION_COUNTER, {
      description: 'Requests that were allowed or refused.',
      unit: '{request}',
    }),
    durations: meter.createHistogram(DECISION_DURATION, {
      description: 'Time spent on deciding about a request.',
      unit: 's',
      advice: { explicitBucketBoundaries: BUCKETS },
    }),
  };
}

function attributesOf({ outcome, reason, callerKind, issuer }: Decision): Attributes {
  return {
    'mcp.auth.outcome': outcome,
    ...(reason === undefined ? {} : { 'error.type': reason }),
    ...(callerKind === undefined ? {} : { 'mcp.auth.caller.kind': callerKind }),
    ...(issuer === undefined ? {} : { 'mcp.auth.issuer': issuer }),
  };
}

function detailsOf({ clientId, operations, status }: Decision): Attributes {
  return {
    'mcp.auth.operations': [...operations],
    ...(clientId === undefined ? {} : { 'mcp.auth.client.id': clientId }),
    ...(status === undefined ? {} : { 'http.response.status_code': status }),
  };
}
