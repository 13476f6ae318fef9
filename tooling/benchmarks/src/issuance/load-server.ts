import autocannon from 'autocannon';
import type { ServerProcess } from '../server-process.ts';
import { percentile } from '../statistics.ts';
import type { FormRequest } from './token-requests.ts';

/** What a load measured. */
export interface LoadFigures {
  /** Requests per second, however much of the machine there was. */
  readonly rate: number;
  /** Microseconds of the server's processor time for a request, all of its threads together. */
  readonly cost: number;
  /** Milliseconds within which 99 of 100 were answered. */
  readonly p99: number;
}

/** A load: so many requests over so many connections. */
export interface Load {
  readonly requests: number;
  readonly connections?: number;
  /** Path of the endpoint. Default `/token`. */
  readonly path?: string;
  /** Makes the next request. What takes long is made before: requests that are prepared are not measured. */
  readonly next: () => FormRequest;
  /** Whether requests are made before the load. Default true. */
  readonly prepared?: boolean;
}

const CONNECTIONS = 32;

/**
 * Loads a server as fast as it answers.
 *
 * @throws Error when a request is not answered with 200
 */
export async function loadServer(server: ServerProcess, load: Load): Promise<LoadFigures> {
  const { requests: amount, connections = CONNECTIONS, path = '/token', next, prepared = true } = load;
  // A connection makes one ahead.
  const made = prepared ? Array.from({ length: amount + 2 * connections }, next) : [];
  const before = await server.processorMicroseconds();
  const latencies: number[] = [];
  const startedAt = performance.now();
  // The load generator looks once a second whether it is over.
  let lastAnswerAt = startedAt;
  const result = await autocannon({
    url: new URL(path, server.url).href,
    connections,
    amount,
    setupClient(client) {
      client.on('response', (_status, _bytes, milliseconds) => {
        latencies.push(milliseconds);
        lastAnswerAt = performance.now();
      });
    },
    requests: [
      {
        method: 'POST',
        path,
        setupRequest(request) {
          const { authorization, body } = made.pop() ?? next();
          const headers = {
            'content-type': 'application/x-www-form-urlencoded',
            ...(authorization === undefined ? {} : { authorization }),
          };
          return { ...request, headers, body };
        },
      },
    ],
  });
  const answered = result['2xx'];
  if (answered !== amount || result.errors > 0) {
    const statuses = JSON.stringify(result.statusCodeStats);
    throw new Error(`${server.url}: ${statuses} and ${result.errors} errors under load`);
  }
  const cost = ((await server.processorMicroseconds()) - before) / answered;
  const seconds = (lastAnswerAt - startedAt) / 1000;
  return { rate: answered / seconds, cost, p99: percentile(latencies, 0.99) };
}
