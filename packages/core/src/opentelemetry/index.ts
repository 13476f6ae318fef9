export {
  createDecisionTelemetry,
  DECISION_COUNTER,
  DECISION_DURATION,
  DECISION_SPAN,
  type DecisionTelemetryOptions,
} from './decision-telemetry.ts';
