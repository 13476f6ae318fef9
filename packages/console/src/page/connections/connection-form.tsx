import { Alert, Checkbox, NativeSelect, PasswordInput, Radio, Textarea, TextInput } from '@mantine/core';

import { GRANTS, type Grant } from './connection-words.ts';

/** What the form holds, as text. */
export interface ConnectionDraft {
  readonly label: string;
  readonly url: string;
  readonly issuer: string;
  readonly grant: Grant;
  readonly clientId: string;
  readonly credential: 'secret' | 'private_key' | 'none';
  readonly secret: string;
  readonly method: 'basic' | 'post';
  readonly privateKey: string;
  readonly algorithm: string;
  /** A source by name, or `paste`. */
  readonly source: string;
  readonly assertion: string;
  readonly subjectToken: string;
  readonly scopes: string;
  readonly dpop: boolean;
}

export const EMPTY_CONNECTION: ConnectionDraft = {
  label: '',
  url: '',
  issuer: '',
  grant: 'client_credentials',
  clientId: '',
  credential: 'secret',
  secret: '',
  method: 'basic',
  privateKey: '',
  algorithm: 'ES256',
  source: 'paste',
  assertion: '',
  subjectToken: '',
  scopes: '',
  dpop: false,
};

/** Fields of a connection. */
export function ConnectionForm({
  draft,
  onChange,
  workloadTokens,
}: {
  draft: ConnectionDraft;
  onChange: (part: Partial<ConnectionDraft>) => void;
  workloadTokens: readonly string[];
}) {
  const grant = GRANTS.find(({ value }) => value === draft.grant);
  const text = (name: 'label' | 'url' | 'issuer' | 'clientId' | 'scopes') => ({
    value: draft[name],
    onChange: (event: { currentTarget: HTMLInputElement }) => onChange({ [name]: event.currentTarget.value }),
    autoComplete: 'off',
    spellCheck: false,
  });
  return (
    <>
      <TextInput
        label="URL of the MCP server"
        placeholder="https://mcp.example.com/mcp"
        inputMode="url"
        required
        withAsterisk={false}
        {...text('url')}
      />
      <TextInput
        label="Label"
        description="What people call this connection"
        maxLength={200}
        {...text('label')}
      />
      <NativeSelect
        label="Grant"
        description={grant?.description}
        value={draft.grant}
        onChange={(event) => onChange({ grant: event.currentTarget.value as Grant })}
        data={GRANTS.map(({ value, label }) => ({ value, label }))}
      />
      {grant?.person !== undefined ? (
        <Alert color="yellow" variant="outline" title="Not for a machine" role="status">
          {grant.person} “Test” shows what the server says; “Add” will not save it.
        </Alert>
      ) : (
        <>
          <TextInput
            label="Issuer"
            description="The authorization server that the credential belongs to; it is sent nowhere else"
            placeholder="https://auth.example.com"
            inputMode="url"
            {...text('issuer')}
          />
          <TextInput label="Client ID" {...text('clientId')} />
          {draft.grant === 'workload' ? (
            <WorkloadFields draft={draft} onChange={onChange} workloadTokens={workloadTokens} />
          ) : (
            <CredentialFields draft={draft} onChange={onChange} />
          )}
          {draft.grant === 'token_exchange' && (
            <PasswordInput
              label="Subject token"
              description="The token of the party on whose behalf the machine acts"
              value={draft.subjectToken}
              onChange={(event) => onChange({ subjectToken: event.currentTarget.value })}
              autoComplete="off"
              visibilityToggleButtonProps={{ 'aria-label': 'Show the subject token' }}
            />
          )}
          <TextInput
            label="Scopes"
            description="At most these, separated by spaces; empty for what the server asks for"
            {...text('scopes')}
          />
          <Checkbox
            label="Bind tokens to a key (DPoP)"
            checked={draft.dpop}
            onChange={(event) => onChange({ dpop: event.currentTarget.checked })}
          />
        </>
      )}
    </>
  );
}

type FieldsProps = { draft: ConnectionDraft; onChange: (part: Partial<ConnectionDraft>) => void };

function CredentialFields({ draft, onChange }: FieldsProps) {
  return (
    <>
      <Radio.Group
        label="Credential"
        value={draft.credential}
        onChange={(credential) => onChange({ credential })}
      >
        <div className="row">
          <Radio value="secret" label="Secret" />
          <Radio value="private_key" label="Private key" />
          <Radio value="none" label="None: look as far as one comes" />
        </div>
      </Radio.Group>
      {draft.credential === 'secret' && (
        <div className="columns">
          <PasswordInput
            label="Client secret"
            value={draft.secret}
            onChange={(event) => onChange({ secret: event.currentTarget.value })}
            autoComplete="off"
            visibilityToggleButtonProps={{ 'aria-label': 'Show the client secret' }}
          />
          <NativeSelect
            label="Sent by"
            value={draft.method}
            onChange={(event) => onChange({ method: event.currentTarget.value as 'basic' | 'post' })}
            data={[
              { value: 'basic', label: 'Basic (client_secret_basic)' },
              { value: 'post', label: 'Form (client_secret_post)' },
            ]}
          />
        </div>
      )}
      {draft.credential === 'private_key' && (
        <>
          <Textarea
            label="Private key"
            description="PKCS #8 in PEM; it is encrypted here and never comes back"
            value={draft.privateKey}
            onChange={(event) => onChange({ privateKey: event.currentTarget.value })}
            rows={5}
            spellCheck={false}
            autoComplete="off"
            className="code-input"
          />
          <NativeSelect
            label="Algorithm"
            value={draft.algorithm}
            onChange={(event) => onChange({ algorithm: event.currentTarget.value })}
            data={['ES256', 'ES384', 'EdDSA', 'RS256', 'PS256']}
          />
        </>
      )}
    </>
  );
}

function WorkloadFields({
  draft,
  onChange,
  workloadTokens,
}: FieldsProps & { workloadTokens: readonly string[] }) {
  return (
    <>
      <NativeSelect
        label="Token of the workload"
        description="Sources are what this console can read itself; its operator names them"
        value={draft.source}
        onChange={(event) => onChange({ source: event.currentTarget.value })}
        data={[...workloadTokens, { value: 'paste', label: 'Paste one (it lives for minutes)' }]}
      />
      {draft.source === 'paste' && (
        <PasswordInput
          label="Workload token"
          value={draft.assertion}
          onChange={(event) => onChange({ assertion: event.currentTarget.value })}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the workload token' }}
        />
      )}
    </>
  );
}
