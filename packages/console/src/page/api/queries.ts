import { MutationCache, QueryCache, QueryClient, useQuery, type UseQueryResult } from '@tanstack/react-query';

import { admin, own, take, type AdminSchemas, type ConsoleSchemas } from './calls.ts';
import { Failure } from './failure.ts';

/** Makes the memory of answers. Whatever says that the session is over leads back to signing in. */
export function createQueries(): QueryClient {
  const onError = (error: unknown): void => {
    if (error instanceof Failure && error.status === 401 && error.code !== 'credential_refused') {
      void client.invalidateQueries({ queryKey: ['session'] });
    }
  };
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 5000,
        // A refusal is an answer; only silence is worth a second question.
        retry: (count, error) => count < 1 && error instanceof Failure && error.status === 0,
      },
      // Whether there is a network is found out by asking.
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}

/** Forgets what belonged to the session before; called where nothing of it is shown any more. */
export function forgetSession(queries: QueryClient): void {
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
}

export function useSession(): UseQueryResult<ConsoleSchemas['SessionState']> {
  return useQuery({
    queryKey: ['session'],
    queryFn: () => take(own.GET('/session')),
    refetchInterval: 60_000,
  });
}

export function useServer(): UseQueryResult<AdminSchemas['ServerDescription']> {
  return useQuery({
    queryKey: ['server'],
    queryFn: () => take(admin.GET('/admin/v1/server')),
    staleTime: 600_000,
  });
}

export function useConnections(): UseQueryResult<ConsoleSchemas['ConnectionList']> {
  return useQuery({ queryKey: ['connections'], queryFn: () => take(own.GET('/connections')) });
}

/** All resources, page by page. */
export function useResources(): UseQueryResult<readonly AdminSchemas['Resource'][]> {
  return useQuery({
    queryKey: ['resources'],
    async queryFn() {
      const all: AdminSchemas['Resource'][] = [];
      let after: string | undefined;
      do {
        const query = after === undefined ? { limit: 500 } : { limit: 500, after };
        const page = await take(admin.GET('/admin/v1/resources', { params: { query } }));
        all.push(...page.resources);
        after = page.nextAfter;
      } while (after !== undefined && all.length < 5000);
      return all;
    },
  });
}
