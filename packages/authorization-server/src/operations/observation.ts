import type { Registry } from 'prom-client';

import { createEventReporter, type EventReporter } from '../audit/event-reporter.ts';
import type { Configuration } from '../authorization-server-options.ts';
import { createClientAddress, type ClientAddress } from '../http/client-address.ts';
import type { Route } from '../http/documents.ts';
import type { RequestHandler } from '../http/request-handler.ts';
import type { Database } from '../store/database.ts';
import { createThrottle, NO_THROTTLE, type Throttle } from '../throttling/throttle.ts';
import { createMetrics } from './metrics.ts';
import { createOperationsHandler } from './operations-handler.ts';
import { noticeUntrustedProxy } from './proxy-notice.ts';
import { createReadinessCheck, type CheckReadiness } from './readiness.ts';

/** What watches over a server: events and their records, measures, health, and who guesses credentials. */
export interface Observation extends EventReporter {
  readonly throttle: Throttle;
  readonly clientAddress: ClientAddress;
  readonly metrics: Registry;
  readonly checkReadiness: CheckReadiness;
  /** `/healthz` and `/readyz`. */
  readonly healthHandler: RequestHandler;
  /** `/healthz`, `/readyz` and `/metrics`. */
  readonly operationsHandler: RequestHandler;
  /** Makes a route of the token endpoint whose requests are measured. */
  measure(route: Route): Route;
  /** From now on the server is not ready. */
  readonly announceStop: () => void;
}

/**
 * Makes what watches over a server.
 *
 * @param opened - the database; what is returned has it with transactions that take administrative acts along
 * @param configuration - the server's
 */
export function createObservation(opened: Database, configuration: Configuration): Observation {
  const { now, throttling, trustedProxies } = configuration;
  let stopping = false;
  const metrics = createMetrics(async () => await readSigningKeyAge(opened, now));
  const events = createEventReporter({
    database: opened,
    rules: configuration.audit,
    listeners: [configuration.onEvent, metrics.observe],
    now,
  });
  const { report, database } = events;
  if (throttling === undefined) report({ type: 'dangerous_option', option: 'dangerouslyDisableThrottling' });
  const checkReadiness = createReadinessCheck(database, () => stopping);
  const { registry } = metrics;
  const clientAddress = createClientAddress(trustedProxies);
  return {
    ...events,
    throttle: throttling === undefined ? NO_THROTTLE : createThrottle(throttling, { database, now }),
    clientAddress: trustedProxies.length > 0 ? clientAddress : noticeUntrustedProxy(clientAddress, report),
    metrics: registry,
    checkReadiness,
    healthHandler: createOperationsHandler({ checkReadiness }),
    operationsHandler: createOperationsHandler({ checkReadiness, registry }),
    measure: (route) => (request, response) => {
      const began = performance.now();
      response.once('finish', () => {
        metrics.observeTokenRequest(response.statusCode, (performance.now() - began) / 1000);
      });
      route(request, response);
    },
    announceStop() {
      stopping = true;
    },
  };
}

async function readSigningKeyAge({ db }: Database, now: () => number): Promise<number | undefined> {
  const key = await db
    .selectFrom('signing_keys')
    .select('active_from')
    .where('state', '=', 'current')
    .executeTakeFirst();
  return key === undefined ? undefined : Math.max(0, (now() - key.active_from) / 1000);
}
