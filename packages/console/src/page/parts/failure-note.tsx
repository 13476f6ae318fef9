import { Alert, Button } from '@mantine/core';

import { wordsOf } from '../api/failure.ts';

/** Says why something did not work, and lets it be tried again. */
export function FailureNote({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  return (
    <Alert color="red" variant="outline" role="alert" className="failure">
      <p className="plain wrap-anywhere">{wordsOf(error)}</p>
      {onRetry !== undefined && (
        <Button size="xs" variant="default" onClick={onRetry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}
