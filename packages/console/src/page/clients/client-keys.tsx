import { Button, Textarea } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { admin, once, take, type AdminSchemas } from '../api/calls.ts';
import { Badge } from '../parts/badge.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { When } from '../parts/when.tsx';
import { readPublicKey } from './create-client.tsx';

type Key = AdminSchemas['ClientKey'];

/** The public keys of a client; several are valid beside each other. */
export function ClientKeys({
  clientId,
  keys,
  onChange,
}: {
  clientId: string;
  keys: readonly Key[];
  onChange: () => void;
}) {
  const [publicKey, setPublicKey] = useState('');
  const add = useMutation({
    mutationFn: () =>
      take(
        admin.POST('/admin/v1/clients/{clientId}/keys', {
          params: { path: { clientId }, header: once() },
          body: { publicKey: readPublicKey(publicKey) },
        }),
      ),
    onSuccess() {
      setPublicKey('');
      onChange();
    },
  });
  const columns: readonly Column<Key>[] = [
    { title: 'Key', heading: true, cell: ({ id }) => <code className="wrap-anywhere">{id}</code> },
    { title: 'Kind', cell: (key) => describeKey(key.publicKey) },
    {
      title: 'State',
      cell: ({ state }) => <Badge tone={state === 'active' ? 'good' : 'quiet'}>{state}</Badge>,
    },
    { title: 'Created', cell: ({ createdAt }) => <When at={createdAt} /> },
    { title: 'Last used', cell: ({ lastUsedAt }) => <When at={lastUsedAt} /> },
    {
      title: 'Action',
      cell: ({ id }) => (
        <Confirm
          label="Remove"
          title="Remove this key?"
          action={() =>
            take(
              admin.DELETE('/admin/v1/clients/{clientId}/keys/{keyId}', {
                params: { path: { clientId, keyId: id } },
              }),
            )
          }
          onDone={onChange}
        >
          What is signed with it opens nothing any more, from now on.
        </Confirm>
      ),
    },
  ];
  return (
    <Panel title="Public keys">
      <div className="stack">
        <DataTable
          label="Public keys"
          columns={columns}
          rows={keys}
          keyOf={({ id }) => id}
          empty="It has no key of its own."
        />
        <form
          className="stack inset"
          onSubmit={(event) => {
            event.preventDefault();
            add.mutate();
          }}
        >
          <Textarea
            label="Another public key"
            description="PEM or JWK. To rotate: add the new one, let the machine use it, then remove the old one."
            value={publicKey}
            onChange={(event) => setPublicKey(event.currentTarget.value)}
            rows={4}
            spellCheck={false}
            className="code-input"
          />
          {add.error !== null && <FailureNote error={add.error} />}
          <div className="row">
            <Button
              type="submit"
              size="xs"
              variant="default"
              loading={add.isPending}
              disabled={publicKey.trim() === ''}
            >
              Add the key
            </Button>
          </div>
        </form>
      </div>
    </Panel>
  );
}

function describeKey({ kty, crv }: { kty: string; crv?: unknown }): string {
  return typeof crv === 'string' ? `${kty}, ${crv}` : kty;
}
