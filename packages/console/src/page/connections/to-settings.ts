import type { ConsoleSchemas } from '../api/calls.ts';
import type { ConnectionDraft } from './connection-form.tsx';
import { GRANTS } from './connection-words.ts';

type Settings = ConsoleSchemas['ConnectionSettings'];

/** What the form holds, as the API takes it. What is empty is left out: what is missing is said by the console. */
export function toSettings(draft: ConnectionDraft): Settings {
  const { url, label, grant, dpop } = draft;
  const base: Settings = { url: url.trim(), grant, ...optional('label', label) };
  if (GRANTS.some(({ value, person }) => value === grant && person !== undefined)) return base;
  const scopes = draft.scopes.split(/[\s,]+/).filter((scope) => scope !== '');
  const credential = toCredential(draft);
  return {
    ...base,
    ...optional('issuer', draft.issuer),
    ...optional('clientId', draft.clientId),
    ...(credential === undefined ? {} : { credential }),
    ...(grant === 'token_exchange' ? optional('subjectToken', draft.subjectToken) : {}),
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(dpop ? { dpop } : {}),
  };
}

function toCredential(draft: ConnectionDraft): Settings['credential'] {
  const { grant, credential, secret, method, privateKey, algorithm, source, assertion } = draft;
  if (grant === 'workload') {
    if (source !== 'paste') return { kind: 'workload_token', source };
    return assertion.trim() === '' ? undefined : { kind: 'assertion', assertion: assertion.trim() };
  }
  if (credential === 'secret' && secret.trim() !== '')
    return { kind: 'secret', secret: secret.trim(), method };
  if (credential === 'private_key' && privateKey.trim() !== '') {
    return { kind: 'private_key', privateKeyPem: privateKey.trim(), algorithm: algorithm as 'ES256' };
  }
  return undefined;
}

function optional<Name extends string>(name: Name, text: string): Partial<Record<Name, string>> {
  return text.trim() === '' ? {} : ({ [name]: text.trim() } as Partial<Record<Name, string>>);
}
