import { ForeignText } from '../parts/foreign-text.tsx';
import { sayAbsolute, sayRelative } from '../parts/when.tsx';
import { METHOD_WORDS } from './client-words.ts';
import type { Draft } from './create-client.tsx';
import { expiryTime } from './expiry-choice.tsx';

/** What is about to be made. */
export function WizardSummary({ draft }: { draft: Draft }) {
  const { label, clientId, owner, method, access, lifetime } = draft;
  const end = expiryTime(draft.expiry);
  return (
    <dl className="facts">
      <dt>Label</dt>
      <dd>{label.trim() === '' ? 'none' : <ForeignText text={label.trim()} />}</dd>
      <dt>Client ID</dt>
      <dd className="wrap-anywhere">{clientId.trim() === '' ? 'made up by the server' : clientId.trim()}</dd>
      <dt>Owner</dt>
      <dd>{owner.trim() === '' ? 'none' : <ForeignText text={owner.trim()} />}</dd>
      <dt>Proves itself by</dt>
      <dd>{METHOD_WORDS[method]}</dd>
      <dt>May call</dt>
      <dd>
        <ul className="plain-list">
          {Object.entries(access).map(([resource, scopes]) => (
            <li key={resource} className="wrap-anywhere">
              {resource}: {scopes.length === 0 ? 'no scopes' : scopes.join(', ')}
            </li>
          ))}
        </ul>
      </dd>
      <dt>Tokens live</dt>
      <dd>{lifetime === '' ? 'as long as the server has it' : `${lifetime} seconds`}</dd>
      <dt>{method === 'secret' ? 'Secret ends' : 'Client ends'}</dt>
      <dd>{end === undefined ? 'never' : `${sayAbsolute(end)} (${sayRelative(end)})`}</dd>
    </dl>
  );
}
