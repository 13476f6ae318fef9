import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { FailureNote } from './failure-note.tsx';

/** What was asked for once it is there; until then that it is awaited, or why it is not there. */
export function Loaded<T>({
  query,
  children,
}: {
  query: UseQueryResult<T>;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) {
    return (
      <>
        {query.error !== null && <FailureNote error={query.error} onRetry={() => void query.refetch()} />}
        {children(query.data)}
      </>
    );
  }
  if (query.error !== null) return <FailureNote error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <p className="dimmed" role="status">
      Loading…
    </p>
  );
}
