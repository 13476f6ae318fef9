import { NativeSelect } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { admin, once, take, type AdminSchemas } from '../api/calls.ts';
import { Badge, type Tone } from '../parts/badge.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { When } from '../parts/when.tsx';

type Key = AdminSchemas['SigningKey'];
type Algorithm = NonNullable<AdminSchemas['RotateSigningKey']['algorithm']>;

const TONES: Readonly<Record<Key['state'], Tone>> = { next: 'warn', current: 'good', previous: 'quiet' };

/** The keys that sign tokens, and their rotation. */
export function Keys() {
  const queries = useQueryClient();
  const [algorithm, setAlgorithm] = useState('');
  const [meaning, setMeaning] = useState<string>();
  const keys = useQuery({
    queryKey: ['signing-keys'],
    queryFn: () => take(admin.GET('/admin/v1/signing-keys')),
  });
  const refresh = (): void => void queries.invalidateQueries({ queryKey: ['signing-keys'] });
  const columns: readonly Column<Key>[] = [
    { title: 'Key', heading: true, cell: ({ keyId }) => <code className="wrap-anywhere">{keyId}</code> },
    { title: 'State', cell: ({ state }) => <Badge tone={TONES[state]}>{state}</Badge> },
    { title: 'Algorithm', cell: (key) => key.algorithm },
    {
      title: 'Held by',
      cell: ({ heldBy }) => (heldBy === 'database' ? 'the database' : 'an external signer'),
    },
    { title: 'Signs from', cell: ({ activeFrom }) => <When at={activeFrom} /> },
    { title: 'Retires', cell: ({ retiresAt }) => <When at={retiresAt} never="not yet set" /> },
    {
      title: 'Action',
      cell: ({ keyId }) => (
        <Confirm
          label="Retire now"
          title="Retire this key at once?"
          action={async () => {
            const params = { path: { keyId }, header: once() };
            const retired = await take(admin.POST('/admin/v1/signing-keys/{keyId}/retire', { params }));
            setMeaning(retired.meaning);
          }}
          onDone={refresh}
        >
          Do this when the key may be in wrong hands. Tokens that it has signed are refused as soon as the
          servers see it; clients have to get new ones. For a key that is merely old, rotate instead.
        </Confirm>
      ),
    },
  ];
  return (
    <>
      <PageHead title="Keys">
        They sign the tokens. The next one is published before it signs, and the previous one until no token
        of it lives: rotating them interrupts nobody.
      </PageHead>
      <div className="stack">
        {meaning !== undefined && (
          <p className="panel" role="status">
            {meaning}
          </p>
        )}
        <Loaded query={keys}>
          {({ keys: found }) => (
            <DataTable
              label="Signing keys"
              columns={columns}
              rows={found}
              keyOf={({ keyId }) => keyId}
              empty="There is no key yet."
            />
          )}
        </Loaded>
        <Panel title="Rotate">
          <div className="row">
            <NativeSelect
              aria-label="Algorithm of the next key"
              value={algorithm}
              onChange={(event) => setAlgorithm(event.currentTarget.value)}
              data={[{ value: '', label: 'The same algorithm' }, 'ES256', 'EdDSA', 'RS256']}
            />
            <Confirm
              label="Rotate the signing key"
              size="sm"
              color="blue"
              title="Rotate the signing key?"
              action={() =>
                take(
                  admin.POST('/admin/v1/signing-keys/rotate', {
                    params: { header: once() },
                    body: algorithm === '' ? {} : { algorithm: algorithm as Algorithm },
                  }),
                )
              }
              onDone={refresh}
            >
              The next key signs as soon as every copy of the key set has it. Nothing is interrupted.
            </Confirm>
          </div>
        </Panel>
      </div>
    </>
  );
}
