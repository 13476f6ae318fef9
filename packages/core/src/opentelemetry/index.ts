export {
  createDecisionTelemetry,
  DECISION_COUNTER,
  DECISION_DURATION,
  DECISION_SPAN,
  type DecisionTelemetryOptions,
} from './decision-telemetry.ts';
export {
  createTokenTelemetry,
  TOKEN_NOTICE_COUNTER,
  TOKEN_REQUEST_COUNTER,
  TOKEN_REQUEST_DURATION,
  TOKEN_REQUEST_SPAN,
  type TokenTelemetryOptions,
} from './token-telemetry.ts';
