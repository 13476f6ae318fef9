import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useMutation, type UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';

import { admin, once, take, type AdminSchemas } from '../api/calls.ts';
import { Confirm } from '../parts/confirm.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { FailureNote } from '../parts/failure-note.tsx';
import { ForeignText } from '../parts/foreign-text.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Panel } from '../parts/panel.tsx';

type Issuer = AdminSchemas['TrustedIssuer'];

const KINDS = { workload: 'workloads', 'id-jag': 'identity assertions (ID-JAG)' } as const;

/** The issuers whose tokens are looked at, and trusting another one. */
export function Issuers({
  issuers,
  onChange,
}: {
  issuers: UseQueryResult<AdminSchemas['TrustedIssuerList']>;
  onChange: () => void;
}) {
  const columns: readonly Column<Issuer>[] = [
    {
      title: 'Issuer',
      heading: true,
      cell: ({ issuer, label }) => (
        <>
          <span className="wrap-anywhere">{issuer}</span>
          {label !== undefined && (
            <div className="dimmed small">
              <ForeignText text={label} />
            </div>
          )}
        </>
      ),
    },
    { title: 'For', cell: ({ kind }) => KINDS[kind] },
    {
      title: 'Keys',
      cell: ({ jwksUri, jwks }) => (
        <span className="wrap-anywhere">{jwksUri ?? (jwks === undefined ? 'discovered' : 'given')}</span>
      ),
    },
    { title: 'Each token', cell: ({ singleUse }) => (singleUse ? 'once' : 'while it lives') },
    {
      title: 'Action',
      cell: ({ id, issuer }) => (
        <Confirm
          label="Delete"
          title={`Trust ${issuer} no longer?`}
          action={() =>
            take(admin.DELETE('/admin/v1/trust/issuers/{issuerId}', { params: { path: { issuerId: id } } }))
          }
          onDone={onChange}
        >
          Its rules are deleted with it.
        </Confirm>
      ),
    },
  ];
  return (
    <Panel title="Issuers">
      <div className="stack">
        <Loaded query={issuers}>
          {({ issuers: found }) => (
            <DataTable
              label="Trusted issuers"
              columns={columns}
              rows={found}
              keyOf={({ id }) => id}
              empty="No issuer is trusted yet. A rule from a template adds its own."
            />
          )}
        </Loaded>
        <details>
          <summary>Trust another issuer</summary>
          <IssuerForm onChange={onChange} />
        </details>
      </div>
    </Panel>
  );
}

function IssuerForm({ onChange }: { onChange: () => void }) {
  const [issuer, setIssuer] = useState('');
  const [kind, setKind] = useState<Issuer['kind']>('workload');
  const [label, setLabel] = useState('');
  const [jwksUri, setJwksUri] = useState('');
  const [singleUse, setSingleUse] = useState(false);
  const add = useMutation({
    mutationFn: () =>
      take(
        admin.POST('/admin/v1/trust/issuers', {
          params: { header: once() },
          body: {
            issuer: issuer.trim(),
            kind,
            ...(kind === 'workload' ? { singleUse } : {}),
            ...(label.trim() === '' ? {} : { label: label.trim() }),
            ...(jwksUri.trim() === '' ? {} : { jwksUri: jwksUri.trim() }),
          },
        }),
      ),
    onSuccess() {
      setIssuer('');
      setLabel('');
      setJwksUri('');
      onChange();
    },
  });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        add.mutate();
      }}
    >
      <div className="columns">
        <TextInput
          label="Issuer"
          placeholder="https://token.actions.githubusercontent.com"
          value={issuer}
          onChange={(event) => setIssuer(event.currentTarget.value)}
          spellCheck={false}
        />
        <NativeSelect
          label="Its tokens are for"
          value={kind}
          onChange={(event) => setKind(event.currentTarget.value as Issuer['kind'])}
          data={Object.entries(KINDS).map(([value, words]) => ({ value, label: words }))}
        />
        <TextInput label="Label" value={label} onChange={(event) => setLabel(event.currentTarget.value)} />
        <TextInput
          label="Address of its keys"
          description="Discovered when left empty"
          value={jwksUri}
          onChange={(event) => setJwksUri(event.currentTarget.value)}
          spellCheck={false}
        />
      </div>
      {kind === 'workload' && (
        <Checkbox
          label="Each of its tokens can be used once"
          checked={singleUse}
          onChange={(event) => setSingleUse(event.currentTarget.checked)}
        />
      )}
      {add.error !== null && <FailureNote error={add.error} />}
      <div className="row">
        <Button type="submit" size="xs" loading={add.isPending} disabled={issuer.trim() === ''}>
          Trust this issuer
        </Button>
      </div>
    </form>
  );
}
