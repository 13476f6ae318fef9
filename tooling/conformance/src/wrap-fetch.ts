import { createDpop, dpopFetch } from '@mcp-m2m/core/client';

/** How the official transport fetches. */
export type Fetch = (input: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * The one place where the `fetch` of a person's client passes through this project: discovery, registration,
 * token requests and calls all go this way. It adds proofs of possession, in every scenario: an authorization
 * server that knows none must not notice.
 */
export function wrapFetch(inner: Fetch): Fetch {
  return dpopFetch(createDpop(), { fetch: inner as typeof fetch, requireBound: false });
}
