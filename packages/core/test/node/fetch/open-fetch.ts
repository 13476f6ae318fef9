import { onTestFinished } from 'vitest';
import { createNodeFetch, type NodeFetch } from '../../../src/node/fetch/node-fetch.ts';
import { NodeFetchError } from '../../../src/node/fetch/node-fetch-error.ts';
import type { NodeFetchOptions } from '../../../src/node/fetch/node-fetch-options.ts';

/** A fetch that is closed when the current test has finished. */
export function openFetch(options?: NodeFetchOptions): NodeFetch {
  const fetch = createNodeFetch(options);
  onTestFinished(() => fetch.close());
  return fetch;
}

/** What a promise rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    () => new Error('expected a rejection'),
    (reason: unknown) => reason,
  );
  return outcome;
}

/** Waits for a NodeFetchError. */
export async function refusalOf(promise: Promise<unknown>): Promise<NodeFetchError> {
  const outcome = await rejectionOf(promise);
  if (outcome instanceof NodeFetchError) return outcome;
  throw new Error('expected a NodeFetchError', { cause: outcome });
}
