import { fetchJsonDocument, type Fetch } from '@mcp-m2m/core';

import { ConsoleProblem } from '../http/problem.ts';

/** Tells whether the administrative API has an operation. */
export type HasOperation = (method: string, path: string) => Promise<boolean>;

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete']);
const KEPT_MS = 300_000;
const MOST_BYTES = 2_097_152;

/**
 * Reads from its OpenAPI document what the administrative API has: nothing else is passed on.
 *
 * @param issuer - the authorization server
 */
export function createOperationList(issuer: string, fetch: Fetch, now: () => number): HasOperation {
  const url = `${issuer.replace(/\/$/, '')}/admin/v1/openapi.json`;
  let known: { readonly read: Promise<readonly Operation[]>; readonly until: number } | undefined;

  return async (method, path) => {
    if (known === undefined || known.until <= now()) {
      known = { read: readOperations(url, fetch), until: now() + KEPT_MS };
    }
    try {
      const operations = await known.read;
      return operations.some((operation) => operation.method === method && operation.path.test(path));
    } catch {
      known = undefined;
      throw new ConsoleProblem(
        503,
        'administration_unavailable',
        `The administrative API does not answer at ${url}. See whether the authorization server runs, and that it was created with adminApi: true.`,
        5,
      );
    }
  };
}

interface Operation {
  readonly method: string;
  readonly path: RegExp;
}

async function readOperations(url: string, fetch: Fetch): Promise<readonly Operation[]> {
  const { value } = await fetchJsonDocument(url, {
    fetch,
    maxBytes: MOST_BYTES,
    timeoutMilliseconds: 10_000,
  });
  const { paths } = value as { paths?: Readonly<Record<string, object>> };
  return Object.entries(paths ?? {}).flatMap(([template, operations]) =>
    Object.keys(operations)
      .filter((method) => METHODS.has(method))
      .map((method) => ({ method: method.toUpperCase(), path: toPattern(template) })),
  );
}

function toPattern(template: string): RegExp {
  const parts = template.split(/\{[^}]+\}/).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]+')}$`);
}
