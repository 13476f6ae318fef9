import { useQueryClient } from '@tanstack/react-query';

import { admin, once, take } from '../api/calls.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Panel } from '../parts/panel.tsx';
import { goTo } from '../shell/route.ts';
import type { Client } from './client-words.ts';

/** Stops a client, and removes it once it is stopped. */
export function DangerZone({ client, onChange }: { client: Client; onChange: () => void }) {
  const { clientId, state } = client;
  const queries = useQueryClient();
  const params = { path: { clientId } };
  return (
    <Panel title="Danger zone" danger>
      <div className="stack">
        {state === 'enabled' ? (
          <div className="row row-between">
            <p className="plain">
              Disable it first: it gets no tokens, and what it holds is revoked. It can be enabled again.
            </p>
            <Confirm
              label="Disable"
              title="Disable this client?"
              action={() =>
                take(
                  admin.POST('/admin/v1/clients/{clientId}/disable', {
                    params: { ...params, header: once() },
                  }),
                )
              }
              onDone={onChange}
            >
              It gets no tokens from now on, and the tokens that it holds are revoked.
            </Confirm>
          </div>
        ) : (
          <div className="row row-between">
            <p className="plain">It is disabled: it gets no tokens.</p>
            <Confirm
              label="Enable"
              title="Enable this client?"
              color="blue"
              action={() =>
                take(
                  admin.POST('/admin/v1/clients/{clientId}/enable', {
                    params: { ...params, header: once() },
                  }),
                )
              }
              onDone={onChange}
            >
              It gets tokens again, by the credentials that it has.
            </Confirm>
          </div>
        )}
        <div className="row row-between">
          <p className="plain">
            {state === 'enabled'
              ? 'It can be deleted once it is disabled, when nothing turns out to miss it.'
              : 'Delete it with its credentials. That cannot be undone.'}
          </p>
          <Confirm
            label="Delete"
            title="Delete this client?"
            typed={clientId}
            disabled={state === 'enabled'}
            action={() => take(admin.DELETE('/admin/v1/clients/{clientId}', { params }))}
            onDone={() => {
              goTo('clients');
              queries.removeQueries({ queryKey: ['client', clientId] });
              void queries.invalidateQueries({ queryKey: ['clients'] });
            }}
          >
            Its secrets and keys are gone with it. The audit trail keeps what it did.
          </Confirm>
        </div>
      </div>
    </Panel>
  );
}
