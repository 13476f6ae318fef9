import { Counter, Gauge, Histogram, Registry } from 'prom-client';

import { isAdministrative, type AuthorizationServerEvent } from '../events.ts';

/** Measures of a server, in a registry of its own. */
export interface Metrics {
  /** Prometheus registry: `metrics()` is its text, `contentType` its media type. */
  readonly registry: Registry;
  readonly observe: (event: AuthorizationServerEvent) => void;
  /** Takes down how long a token request took, and how it was answered. */
  readonly observeTokenRequest: (status: number, seconds: number) => void;
}

const PREFIX = 'mcp_m2m_authorization_server_';
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Makes the measures. No label holds what a request says: their values are those this package and its
 * configuration know, so that nobody can make their number grow.
 *
 * @param signingKeyAgeSeconds - since when the current signing key signs; undefined when it cannot be told
 */
export function createMetrics(signingKeyAgeSeconds: () => Promise<number | undefined>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Counter<L>({ name: PREFIX + name, help, labelNames, registers });

  const issued = counter('tokens_issued_total', 'Access tokens issued, by resource.', ['resource']);
  const refused = counter('tokens_refused_total', 'Token requests refused, by error code and true reason.', [
    'error',
    'reason',
  ]);
  const otherRefused = counter('requests_refused_total', 'Refusals at other endpoints.', [
    'endpoint',
    'error',
    'reason',
  ]);
  const throttled = counter('throttled_total', 'Attempts to authenticate that were refused unseen.');
  const storeFailures = counter('store_failures_total', 'Requests that failed for the database.');
  const failures = counter('failures_total', 'Failures of the server itself.');
  const acts = counter('administrative_acts_total', 'Administrative acts, by kind.', ['type']);
  const dropped = counter('audit_events_dropped_total', 'Events that the audit trail lacks.');
  const duration = new Histogram({
    name: `${PREFIX}token_request_duration_seconds`,
    help: 'From the arrival of a token request to its answer.',
    labelNames: ['outcome'],
    buckets: BUCKETS,
    registers,
  });
  const age = new Gauge({
    name: `${PREFIX}signing_key_age_seconds`,
    help: 'Since when the current signing key signs.',
    registers: [],
    async collect() {
      const seconds = await signingKeyAgeSeconds().catch(() => undefined);
      if (seconds === undefined) this.remove();
      else this.set(seconds);
    },
  });
  registry.registerMetric(age);

  function observeReason(reason: string): void {
    if (reason === 'throttled') throttled.inc();
    if (reason === 'store_unavailable') storeFailures.inc();
  }

  return {
    registry,
    observe(event) {
      if (isAdministrative(event)) {
        acts.inc({ type: event.type });
        return;
      }
      switch (event.type) {
        case 'token_issued':
          issued.inc({ resource: event.resource });
          break;
        case 'token_refused':
          refused.inc({ error: event.error, reason: event.reason });
          observeReason(event.reason);
          break;
        case 'request_refused':
          otherRefused.inc({ endpoint: event.endpoint, error: event.error, reason: event.reason });
          observeReason(event.reason);
          break;
        case 'server_failed':
          failures.inc();
          break;
        case 'audit_events_dropped':
          dropped.inc(event.count);
          break;
        case 'dangerous_option':
        case 'proxy_not_trusted':
          break;
      }
    },
    observeTokenRequest(status, seconds) {
      duration.observe({ outcome: status < 300 ? 'issued' : status < 500 ? 'refused' : 'failed' }, seconds);
    },
  };
}
