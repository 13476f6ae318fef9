import { Button, NumberInput, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';

import { admin, take } from '../api/calls.ts';
import { useResources } from '../api/queries.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { Panel } from '../parts/panel.tsx';
import { AccessChoice, toAccess, type AccessChoiceValue } from './access-choice.tsx';
import type { Client } from './client-words.ts';

/** Changes what a client is called and what it may call. A change that somebody else was first with is refused. */
export function EditClient({ client, onChange }: { client: Client; onChange: () => void }) {
  const [opened, setOpened] = useState(false);
  return (
    <Panel
      title="Settings"
      actions={
        <Button size="xs" variant="default" aria-expanded={opened} onClick={() => setOpened(!opened)}>
          {opened ? 'Close' : 'Change'}
        </Button>
      }
    >
      {opened ? (
        <EditForm client={client} onChange={onChange} />
      ) : (
        <p className="dimmed plain">Label, owner, description, lifetime of tokens, and what it may call.</p>
      )}
    </Panel>
  );
}

function EditForm({ client, onChange }: { client: Client; onChange: () => void }) {
  const { clientId, revision } = client;
  const [label, setLabel] = useState(client.label ?? '');
  const [owner, setOwner] = useState(client.owner ?? '');
  const [description, setDescription] = useState(client.description ?? '');
  const [lifetime, setLifetime] = useState<number | string>(client.tokenLifetimeSeconds ?? '');
  const [access, setAccess] = useState<AccessChoiceValue>(
    Object.fromEntries(client.access.map(({ resource, scopes }) => [resource, scopes])),
  );
  const resources = useResources();
  const textOrNull = (text: string): string | null => (text.trim() === '' ? null : text.trim());
  const save = useMutation({
    mutationFn: () =>
      take(
        admin.PATCH('/admin/v1/clients/{clientId}', {
          params: { path: { clientId }, header: { 'if-match': `"${revision}"` } },
          body: {
            label: textOrNull(label),
            owner: textOrNull(owner),
            description: textOrNull(description),
            tokenLifetimeSeconds: lifetime === '' ? null : Number(lifetime),
            // What it gets when it asks for nothing is not shown here, and stays.
            access: toAccess(access).map((one) => ({ ...keptDefaults(client, one), ...one })),
          },
        }),
      ),
    onSuccess: onChange,
  });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <TextInput
        label="Label"
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
        maxLength={200}
      />
      <TextInput
        label="Owner"
        value={owner}
        onChange={(event) => setOwner(event.currentTarget.value)}
        maxLength={200}
      />
      <Textarea
        label="Description"
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
        rows={3}
        maxLength={2000}
      />
      <NumberInput
        label="Lifetime of its tokens, in seconds"
        description="60 to 86400; empty for what the server has"
        value={lifetime}
        onChange={setLifetime}
        min={60}
        max={86_400}
        allowDecimal={false}
        hideControls
      />
      <div>
        <h3>May call</h3>
        <Loaded query={resources}>
          {(found) => <AccessChoice resources={found} value={access} onChange={setAccess} />}
        </Loaded>
      </div>
      {save.error !== null && <FailureNote error={save.error} />}
      <div className="row">
        <Button type="submit" size="xs" loading={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}

function keptDefaults(client: Client, { resource, scopes }: { resource: string; scopes: readonly string[] }) {
  const before = client.access.find((one) => one.resource === resource)?.defaultScopes;
  const kept = before?.filter((scope) => scopes.includes(scope));
  return kept === undefined ? {} : { defaultScopes: kept };
}
