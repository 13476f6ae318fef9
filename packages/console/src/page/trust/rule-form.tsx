import { Button, NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { admin, once, take, type AdminSchemas } from '../api/calls.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { Panel } from '../parts/panel.tsx';
import { readConditions, writeConditions, type Condition } from './conditions.ts';
import { TemplateFields } from './template-fields.tsx';

type Issuer = AdminSchemas['TrustedIssuer'];

/** What a rule is made of, as far as it is known. */
export interface RuleDraft {
  readonly issuer: string;
  readonly audience: string;
  readonly conditions: string;
  /** Of the template, while nobody has changed them. */
  readonly filled: readonly Condition[] | undefined;
}

const EMPTY: RuleDraft = { issuer: '', audience: '', conditions: '', filled: undefined };

/** Makes a rule: from a template or by hand, the issuer included where it is not trusted yet. */
export function RuleForm({ issuers, onChange }: { issuers: readonly Issuer[]; onChange: () => void }) {
  const [template, setTemplate] = useState('');
  const [clientId, setClientId] = useState('');
  const [draft, setDraft] = useState(EMPTY);
  const templates = useQuery({
    queryKey: ['trust-templates'],
    queryFn: () => take(admin.GET('/admin/v1/trust/templates')),
    staleTime: Infinity,
  });
  const clients = useQuery({
    queryKey: ['clients', 'workload'],
    queryFn: () =>
      take(admin.GET('/admin/v1/clients', { params: { query: { method: 'workload', limit: 500 } } })),
  });
  const create = useMutation({
    async mutationFn() {
      const issuerId =
        issuers.find((one) => one.issuer === draft.issuer.trim() && one.kind === 'workload')?.id ??
        (await trustIssuer(draft.issuer.trim()));
      return await take(
        admin.POST('/admin/v1/trust/rules', {
          params: { header: once() },
          body: {
            issuerId,
            clientId,
            conditions: [...(draft.filled ?? readConditions(draft.conditions))],
            ...(draft.audience.trim() === '' ? {} : { audience: draft.audience.trim() }),
          },
        }),
      );
    },
    onSuccess: () => setDraft(EMPTY),
    onSettled: onChange,
  });
  const known = clients.data?.clients ?? [];
  const chosen = templates.data?.templates.find(({ name }) => name === template);
  return (
    <Panel title="Add a rule">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <div className="columns">
          <NativeSelect
            label="For the client"
            description={
              known.length === 0
                ? 'No client has workload trust yet: create one first'
                : 'Those with workload trust'
            }
            value={clientId}
            onChange={(event) => setClientId(event.currentTarget.value)}
            data={[{ value: '', label: 'Choose one' }, ...known.map((client) => client.clientId)]}
          />
          <NativeSelect
            label="Template"
            description="What its platform puts into its tokens"
            value={template}
            onChange={(event) => setTemplate(event.currentTarget.value)}
            data={[
              { value: '', label: 'By hand' },
              ...(templates.data?.templates ?? []).map(({ name, label }) => ({ value: name, label })),
            ]}
          />
        </div>
        {templates.error !== null && <FailureNote error={templates.error} />}
        {chosen !== undefined && (
          <TemplateFields
            key={template}
            template={chosen}
            onFilled={({ issuer, audience = '', conditions }) =>
              setDraft({ issuer, audience, conditions: writeConditions(conditions), filled: conditions })
            }
          />
        )}
        <TextInput
          label="Issuer"
          description="Who signs the tokens of the platform; trusted with this rule if it is not yet"
          value={draft.issuer}
          onChange={(event) => setDraft({ ...draft, issuer: event.currentTarget.value })}
          spellCheck={false}
        />
        <Textarea
          label="Conditions"
          description="One a line, such as sub = system:serviceaccount:ci:deployer; * stands for one part. All have to hold."
          value={draft.conditions}
          onChange={(event) =>
            setDraft({ ...draft, conditions: event.currentTarget.value, filled: undefined })
          }
          rows={4}
          spellCheck={false}
          className="code-input"
        />
        <TextInput
          label="Audience"
          description="What the tokens are made for; this server's issuer when left empty"
          value={draft.audience}
          onChange={(event) => setDraft({ ...draft, audience: event.currentTarget.value })}
          spellCheck={false}
        />
        {create.error !== null && <FailureNote error={create.error} />}
        {create.isSuccess && (
          <p className="plain" role="status">
            The rule was added. Try it below with a token of the workload.
          </p>
        )}
        <div className="row">
          <Button
            type="submit"
            loading={create.isPending}
            disabled={clientId === '' || draft.issuer.trim() === '' || draft.conditions.trim() === ''}
          >
            Add the rule
          </Button>
        </div>
      </form>
    </Panel>
  );
}

async function trustIssuer(issuer: string): Promise<string> {
  const body = { issuer, kind: 'workload' } as const;
  return (await take(admin.POST('/admin/v1/trust/issuers', { params: { header: once() }, body }))).id;
}
