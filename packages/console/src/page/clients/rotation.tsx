import { Alert, Button } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { admin, once, take, type AdminSchemas } from '../api/calls.ts';
import { Failure } from '../api/failure.ts';
import { Confirm } from '../parts/confirm.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { Until } from '../parts/when.tsx';
import { ExpiryChoice, expiryMistake, expiryTime, IN_90_DAYS } from './expiry-choice.tsx';
import { SecretReveal } from './secret-reveal.tsx';

type Readiness = AdminSchemas['RotationReadiness'];

const VERDICTS: Readonly<Record<Readiness['verdict'], { readonly title: string; readonly color: string }>> = {
  new_unused: { title: 'The new secret has not been used yet', color: 'yellow' },
  old_in_use: { title: 'The old secret is still in use', color: 'yellow' },
  ready: { title: 'Ready to finish', color: 'green' },
  ended: { title: 'The old secret has ended', color: 'blue' },
};

/** Replaces a secret by another without an interruption: start, see who uses which, finish or cancel. */
export function Rotation({
  clientId,
  secrets,
  onChange,
}: {
  clientId: string;
  secrets: readonly AdminSchemas['ClientSecret'][];
  onChange: () => void;
}) {
  const path = { clientId };
  // Where an old secret is being replaced, or has ended before that was finished.
  const underWay = secrets.some(
    ({ state }) => state === 'retiring' || (state === 'expired' && secrets.length > 1),
  );
  const readiness = useQuery({
    queryKey: ['rotation', clientId, secrets],
    enabled: underWay,
    async queryFn() {
      try {
        return await take(admin.GET('/admin/v1/clients/{clientId}/rotation', { params: { path } }));
      } catch (error) {
        // An expired secret may be left from long ago.
        if (error instanceof Failure && (error.status === 404 || error.status === 409)) return null;
        throw error;
      }
    },
    refetchInterval: 15_000,
  });
  const [started, setStarted] = useState<string>();
  return (
    <Panel title="Rotation">
      {started !== undefined && (
        <div className="space-below">
          <SecretReveal secret={started} />
        </div>
      )}
      {readiness.error !== null && (
        <FailureNote error={readiness.error} onRetry={() => void readiness.refetch()} />
      )}
      {(!underWay || readiness.data === null) && (
        <StartRotation
          clientId={clientId}
          onStarted={(secret) => {
            setStarted(secret);
            onChange();
          }}
        />
      )}
      {underWay && readiness.data !== null && readiness.data !== undefined && (
        <UnderWay
          clientId={clientId}
          readiness={readiness.data}
          onEnded={() => {
            setStarted(undefined);
            onChange();
          }}
        />
      )}
    </Panel>
  );
}

function StartRotation({ clientId, onStarted }: { clientId: string; onStarted: (secret: string) => void }) {
  const [overlap, setOverlap] = useState({ choice: '7', date: '' });
  const [expiry, setExpiry] = useState(IN_90_DAYS);
  const start = useMutation({
    mutationFn() {
      const end = expiryTime(overlap) ?? Date.now();
      const expires = expiryTime(expiry);
      return take(
        admin.POST('/admin/v1/clients/{clientId}/rotation', {
          params: { path: { clientId }, header: once() },
          body: {
            endsAt: new Date(end).toISOString(),
            ...(expires === undefined ? {} : { expiresAt: new Date(expires).toISOString() }),
          },
        }),
      );
    },
    onSuccess: ({ secret }) => onStarted(secret),
  });
  const mistake = expiryMistake(overlap) ?? expiryMistake(expiry);
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (mistake === undefined) start.mutate();
      }}
    >
      <p className="plain">A new secret is made, and both are valid until the old one ends.</p>
      <div className="columns">
        <ExpiryChoice
          label="The old secret ends"
          value={overlap}
          onChange={setOverlap}
          days={['1', '7', '30']}
          never={false}
        />
        <ExpiryChoice label="The new secret ends" value={expiry} onChange={setExpiry} />
      </div>
      {start.error !== null && <FailureNote error={start.error} />}
      <div className="row">
        <Button type="submit" size="xs" loading={start.isPending}>
          Start rotation
        </Button>
      </div>
    </form>
  );
}

function UnderWay({
  clientId,
  readiness,
  onEnded,
}: {
  clientId: string;
  readiness: Readiness;
  onEnded: () => void;
}) {
  const { verdict, advice, endsAt, newSecret, oldSecrets } = readiness;
  const params = { path: { clientId }, header: once() };
  return (
    <div className="stack">
      <Alert color={VERDICTS[verdict].color} variant="outline" title={VERDICTS[verdict].title} role="status">
        {advice}
      </Alert>
      <p className="plain">
        New secret <code>{newSecret.hint}</code>; old{' '}
        {oldSecrets.map(({ hint }) => (
          <code key={hint}>{hint} </code>
        ))}
        ends <Until at={endsAt} />.
      </p>
      <div className="row">
        <Confirm
          label="Finish rotation"
          title="Finish the rotation?"
          color={verdict === 'ready' || verdict === 'ended' ? 'blue' : 'red'}
          action={() => take(admin.POST('/admin/v1/clients/{clientId}/rotation/finish', { params }))}
          onDone={onEnded}
        >
          The old secret ends now. {verdict === 'ready' ? '' : advice}
        </Confirm>
        <Confirm
          label="Cancel rotation"
          title="Cancel the rotation?"
          action={() => take(admin.POST('/admin/v1/clients/{clientId}/rotation/cancel', { params }))}
          onDone={onEnded}
        >
          The new secret is removed, and the old one stays as it was. Whoever uses the new one already gets no
          token any more.
        </Confirm>
      </div>
    </div>
  );
}
