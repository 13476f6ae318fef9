import createClient, { type Middleware } from 'openapi-fetch';

import type { components as AdminComponents, paths as AdminPaths } from './admin-api.ts';
import type { components as ConsoleComponents, paths as ConsolePaths } from './console-api.ts';
import { Failure, readFailure, unreachable } from './failure.ts';

export type AdminSchemas = AdminComponents['schemas'];
export type ConsoleSchemas = ConsoleComponents['schemas'];

/** Where the APIs are, wherever the console is mounted. */
export const API_URL = new URL('api', document.baseURI).href;

/** Tells the console that a request is its own page's. */
export const PAGE_HEADERS = { 'x-mcp-m2m-console': '1' };

const failing: Middleware = {
  async onResponse({ response }) {
    if (!response.ok) throw await readFailure(response);
  },
  onError: ({ error }) => (error instanceof Failure ? error : unreachable()),
};

/** The administrative API of the authorization server, passed on by the console. */
export const admin = createClient<AdminPaths>({ baseUrl: API_URL, headers: PAGE_HEADERS });
admin.use(failing);

/** The console's own API. */
export const own = createClient<ConsolePaths>({ baseUrl: API_URL, headers: PAGE_HEADERS });
own.use(failing);

/** The document of an answer; refusals were thrown before. */
export async function take<T>(call: Promise<{ readonly data?: T }>): Promise<T> {
  return (await call).data as T;
}

/** A header by which an act is done once, however often it is sent. */
export function once(): { 'idempotency-key': string } {
  return { 'idempotency-key': crypto.randomUUID() };
}
