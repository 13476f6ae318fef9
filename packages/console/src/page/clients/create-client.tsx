import { Button, NativeSelect, Radio, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';

import { admin, once, take, type AdminSchemas } from '../api/calls.ts';
import { useResources } from '../api/queries.ts';
import { FailureNote } from '../parts/failure-note.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { hrefTo } from '../shell/route.ts';
import { AccessChoice, toAccess, type AccessChoiceValue } from './access-choice.tsx';
import type { ClientMethod } from './client-words.ts';
import { CreatedClient } from './created-client.tsx';
import { ExpiryChoice, expiryMistake, expiryTime, IN_90_DAYS } from './expiry-choice.tsx';
import { WizardSummary } from './wizard-summary.tsx';

const STEPS = ['Name', 'Proof', 'Access', 'Lifetime', 'Summary'] as const;

const METHODS: readonly {
  readonly value: ClientMethod;
  readonly label: string;
  readonly description: string;
}[] = [
  {
    value: 'secret',
    label: 'A secret',
    description: 'Made here and shown once. The simplest; it has to be kept and renewed.',
  },
  {
    value: 'private_key_jwt',
    label: 'A private key',
    description:
      'The machine signs, and only its public key is registered here. Nothing secret is handed out.',
  },
  {
    value: 'workload',
    label: 'Workload trust',
    description:
      'Its platform vouches for it (Kubernetes, GitHub Actions, a cloud). No credential to keep at all.',
  },
];

/** What has been filled in so far. */
export interface Draft {
  readonly label: string;
  readonly clientId: string;
  readonly owner: string;
  readonly method: ClientMethod;
  readonly publicKey: string;
  readonly access: AccessChoiceValue;
  readonly lifetime: string;
  readonly expiry: typeof IN_90_DAYS;
}

const EMPTY: Draft = {
  label: '',
  clientId: '',
  owner: '',
  method: 'secret',
  publicKey: '',
  access: {},
  lifetime: '',
  expiry: IN_90_DAYS,
};

/** Makes a client, step by step. */
export function CreateClient() {
  const [step, setStep] = useState(0);
  const [draft, setDraft] = useState(EMPTY);
  const [mistake, setMistake] = useState<string>();
  // However often it is sent, one client is made.
  const key = useRef(once());
  const heading = useRef<HTMLHeadingElement>(null);
  const resources = useResources();
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: () =>
      take(admin.POST('/admin/v1/clients', { body: toRequest(draft), params: { header: key.current } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['clients'] }),
    onError: () => {
      key.current = once();
    },
  });
  if (create.data !== undefined) return <CreatedClient client={create.data} />;

  const change = (part: Partial<Draft>): void => {
    setDraft((before) => ({ ...before, ...part }));
    setMistake(undefined);
  };
  const go = (to: number): void => {
    const found = to > step ? mistakeIn(step, draft) : undefined;
    setMistake(found);
    if (found !== undefined) return;
    create.reset();
    setStep(to);
    heading.current?.focus();
  };
  return (
    <>
      <PageHead title="Create a client" actions={<a href={hrefTo('clients')}>Back to the clients</a>} />
      <ol className="wizard-steps" aria-label="Steps">
        {STEPS.map((name, index) => (
          <li key={name} aria-current={index === step ? 'step' : undefined}>
            {index + 1}. {name}
          </li>
        ))}
      </ol>
      <form
        className="panel stack wizard"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (step === STEPS.length - 1) create.mutate();
          else go(step + 1);
        }}
      >
        <h2 tabIndex={-1} ref={heading}>
          {STEPS[step]}
        </h2>
        {step === 0 && (
          <>
            <TextInput
              label="Label"
              description="What people call it"
              placeholder="Nightly report"
              value={draft.label}
              onChange={(event) => change({ label: event.currentTarget.value })}
              maxLength={200}
              data-autofocus
            />
            <TextInput
              label="Client ID"
              description="What it calls itself in token requests; made up when left empty"
              placeholder="nightly-report"
              value={draft.clientId}
              onChange={(event) => change({ clientId: event.currentTarget.value })}
              autoCapitalize="none"
              spellCheck={false}
            />
            <TextInput
              label="Owner"
              description="Who answers for it"
              value={draft.owner}
              onChange={(event) => change({ owner: event.currentTarget.value })}
              maxLength={200}
            />
          </>
        )}
        {step === 1 && (
          <>
            <Radio.Group
              label="How it proves who it is"
              value={draft.method}
              onChange={(method) => change({ method })}
            >
              <div className="stack">
                {METHODS.map((method) => (
                  <Radio key={method.value} {...method} />
                ))}
              </div>
            </Radio.Group>
            {draft.method === 'private_key_jwt' && (
              <Textarea
                label="Public key"
                description="PEM or JWK; the private one stays with the machine: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out private-key.pem && openssl pkey -in private-key.pem -pubout"
                value={draft.publicKey}
                onChange={(event) => change({ publicKey: event.currentTarget.value })}
                minRows={5}
                autosize={false}
                rows={6}
                spellCheck={false}
                className="code-input"
              />
            )}
            {draft.method === 'workload' && (
              <p className="plain">
                Afterwards, add a rule under <a href={hrefTo('trust')}>Trust</a> that says which workload it
                is.
              </p>
            )}
          </>
        )}
        {step === 2 && (
          <Loaded query={resources}>
            {(found) => (
              <AccessChoice
                resources={found}
                value={draft.access}
                onChange={(access) => change({ access })}
              />
            )}
          </Loaded>
        )}
        {step === 3 && (
          <>
            <ExpiryChoice
              label={draft.method === 'secret' ? 'The secret ends' : 'The client ends'}
              value={draft.expiry}
              onChange={(expiry) => change({ expiry })}
            />
            <NativeSelect
              label="Lifetime of its tokens"
              description="How long a stolen token could be used; a new one is fetched by itself"
              value={draft.lifetime}
              onChange={(event) => change({ lifetime: event.currentTarget.value })}
              data={[
                { value: '', label: 'As the server has it' },
                { value: '60', label: '1 minute' },
                { value: '300', label: '5 minutes' },
                { value: '900', label: '15 minutes' },
                { value: '3600', label: '1 hour' },
              ]}
            />
          </>
        )}
        {step === 4 && <WizardSummary draft={draft} />}
        {mistake !== undefined && (
          <p className="mistake" role="alert">
            {mistake}
          </p>
        )}
        {create.error !== null && <FailureNote error={create.error} />}
        <div className="row row-between">
          <Button variant="default" disabled={step === 0} onClick={() => go(step - 1)}>
            Back
          </Button>
          <Button type="submit" loading={create.isPending}>
            {step === STEPS.length - 1 ? 'Create client' : 'Next'}
          </Button>
        </div>
      </form>
    </>
  );
}

/** What keeps a step from being left. */
function mistakeIn(step: number, { clientId, method, publicKey, access, expiry }: Draft): string | undefined {
  switch (step) {
    case 0:
      return clientId === '' || /^[A-Za-z0-9][\w.~-]{0,99}$/.test(clientId.trim())
        ? undefined
        : 'A client ID has letters, digits and . _ ~ -, begins with a letter or digit, and has at most 100 of them.';
    case 1:
      return method === 'private_key_jwt' && publicKey.trim() === ''
        ? 'Paste the public key; the private one stays with the machine.'
        : undefined;
    case 2:
      return Object.keys(access).length === 0 ? 'Choose at least one MCP server.' : undefined;
    default:
      return step === 3 ? expiryMistake(expiry) : undefined;
  }
}

function toRequest(draft: Draft): AdminSchemas['CreateClient'] {
  const { label, clientId, owner, method, publicKey, lifetime } = draft;
  const time = expiryTime(draft.expiry);
  const end = time === undefined ? {} : { expiresAt: new Date(time).toISOString() };
  const text = (name: string, value: string) => (value.trim() === '' ? {} : { [name]: value.trim() });
  return {
    ...text('label', label),
    ...text('clientId', clientId),
    ...text('owner', owner),
    authentication:
      method === 'secret'
        ? { method, ...end }
        : method === 'private_key_jwt'
          ? { method, publicKey: readPublicKey(publicKey) }
          : { method },
    access: toAccess(draft.access),
    ...(lifetime === '' ? {} : { tokenLifetimeSeconds: Number(lifetime) }),
    ...(method === 'secret' ? {} : end),
  };
}

/** A JWK as an object, anything else as the text it is. */
export function readPublicKey(text: string): AdminSchemas['AddKey']['publicKey'] {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null) return parsed as { kty: string };
  } catch {
    // PEM, then.
  }
  return text.trim();
}
