import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { admin, once, take, type AdminSchemas } from '../api/calls.ts';
import { Badge, type Tone } from '../parts/badge.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { When } from '../parts/when.tsx';
import { ExpiryChoice, expiryMistake, expiryTime, IN_90_DAYS } from './expiry-choice.tsx';
import { SecretReveal } from './secret-reveal.tsx';

type Secret = AdminSchemas['ClientSecret'];

const TONES: Readonly<Record<Secret['state'], Tone>> = { active: 'good', retiring: 'warn', expired: 'quiet' };

/** The secrets of a client, by hint: what they are cannot be read. */
export function ClientSecrets({
  clientId,
  secrets,
  onChange,
}: {
  clientId: string;
  secrets: readonly Secret[];
  onChange: () => void;
}) {
  const [adding, setAdding] = useState(false);
  const [expiry, setExpiry] = useState(IN_90_DAYS);
  const path = { clientId };
  const add = useMutation({
    mutationFn() {
      const time = expiryTime(expiry);
      const body = time === undefined ? {} : { expiresAt: new Date(time).toISOString() };
      return take(
        admin.POST('/admin/v1/clients/{clientId}/secrets', { params: { path, header: once() }, body }),
      );
    },
    onSuccess() {
      setAdding(false);
      onChange();
    },
  });
  const columns: readonly Column<Secret>[] = [
    { title: 'Secret', heading: true, cell: ({ hint }) => <code className="wrap-anywhere">{hint}</code> },
    { title: 'State', cell: ({ state }) => <Badge tone={TONES[state]}>{state}</Badge> },
    { title: 'Created', cell: ({ createdAt }) => <When at={createdAt} /> },
    { title: 'Last used', cell: ({ lastUsedAt }) => <When at={lastUsedAt} /> },
    { title: 'Ends', cell: ({ expiresAt }) => <When at={expiresAt} never="no end" /> },
    {
      title: 'Action',
      cell: ({ id, hint }) => (
        <Confirm
          label="Delete"
          title={`Delete the secret ${hint}?`}
          action={() =>
            take(
              admin.DELETE('/admin/v1/clients/{clientId}/secrets/{secretId}', {
                params: { path: { clientId, secretId: id } },
              }),
            )
          }
          onDone={onChange}
        >
          Whoever uses it gets no token any more, from now on.
        </Confirm>
      ),
    },
  ];
  return (
    <Panel
      title="Secrets"
      actions={
        !adding && (
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              add.reset();
              setAdding(true);
            }}
          >
            Add a secret
          </Button>
        )
      }
    >
      <div className="stack">
        <DataTable
          label="Secrets"
          columns={columns}
          rows={secrets}
          keyOf={({ id }) => id}
          empty="It has no secret: it gets no tokens until it has one."
        />
        {add.data !== undefined && <SecretReveal secret={add.data.secret} />}
        {adding && (
          <form
            className="stack inset"
            onSubmit={(event) => {
              event.preventDefault();
              if (expiryMistake(expiry) === undefined) add.mutate();
            }}
          >
            <ExpiryChoice label="The new secret ends" value={expiry} onChange={setExpiry} />
            {add.error !== null && <FailureNote error={add.error} />}
            <div className="row">
              <Button type="submit" size="xs" loading={add.isPending}>
                Add it
              </Button>
              <Button size="xs" variant="default" onClick={() => setAdding(false)}>
                Leave it
              </Button>
            </div>
          </form>
        )}
      </div>
    </Panel>
  );
}
