import { useQuery, useQueryClient } from '@tanstack/react-query';

import { admin, take } from '../api/calls.ts';
import { Badge } from '../parts/badge.tsx';
import { ForeignText } from '../parts/foreign-text.tsx';
import { Loaded } from '../parts/loaded.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { Until, When } from '../parts/when.tsx';
import { hrefTo } from '../shell/route.ts';
import { ClientKeys } from './client-keys.tsx';
import { ClientSecrets } from './client-secrets.tsx';
import { METHOD_WORDS, type Client } from './client-words.ts';
import { DangerZone } from './danger-zone.tsx';
import { EditClient } from './edit-client.tsx';
import { ReadyCommands } from './ready-commands.tsx';
import { Rotation } from './rotation.tsx';

/** One client: what it is, its credentials, and how it is stopped. */
export function ClientDetail({ clientId }: { clientId: string }) {
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: ['client', clientId],
    queryFn: () => take(admin.GET('/admin/v1/clients/{clientId}', { params: { path: { clientId } } })),
  });
  const refresh = (): void => {
    void queries.invalidateQueries({ queryKey: ['client', clientId] });
    void queries.invalidateQueries({ queryKey: ['clients'] });
  };
  return (
    <>
      <a href={hrefTo('clients')}>Back to the clients</a>
      <Loaded query={query}>
        {(client) => (
          <>
            <PageHead
              title={<ForeignText text={client.label ?? client.clientId} />}
              actions={
                client.state === 'enabled' ? (
                  <Badge tone="good">enabled</Badge>
                ) : (
                  <Badge tone="quiet">disabled</Badge>
                )
              }
            >
              <span className="wrap-anywhere">{client.clientId}</span>
            </PageHead>
            <div className="stack">
              <Facts client={client} />
              {client.authentication.method === 'secret' && (
                <>
                  <ClientSecrets
                    clientId={clientId}
                    secrets={client.authentication.secrets}
                    onChange={refresh}
                  />
                  <Rotation clientId={clientId} secrets={client.authentication.secrets} onChange={refresh} />
                </>
              )}
              {client.authentication.method === 'private_key_jwt' && (
                <ClientKeys clientId={clientId} keys={client.authentication.keys} onChange={refresh} />
              )}
              <Panel title="Connect">
                <ReadyCommands client={client} />
              </Panel>
              <EditClient key={client.revision} client={client} onChange={refresh} />
              <DangerZone client={client} onChange={refresh} />
            </div>
          </>
        )}
      </Loaded>
    </>
  );
}

function Facts({ client }: { client: Client }) {
  const { owner, description, authentication, access, expiresAt, lastUsedAt, createdAt } = client;
  return (
    <Panel title="Facts">
      <dl className="facts">
        <dt>Owner</dt>
        <dd>{owner === undefined ? <span className="dimmed">none</span> : <ForeignText text={owner} />}</dd>
        {description !== undefined && (
          <>
            <dt>Description</dt>
            <dd>
              <ForeignText text={description} most={2000} />
            </dd>
          </>
        )}
        <dt>Proves itself by</dt>
        <dd>{METHOD_WORDS[authentication.method]}</dd>
        <dt>May call</dt>
        <dd>
          <ul className="plain-list">
            {access.map(({ resource, scopes }) => (
              <li key={resource} className="wrap-anywhere">
                {resource}: {scopes.length === 0 ? 'no scopes' : scopes.join(', ')}
              </li>
            ))}
          </ul>
        </dd>
        <dt>Tokens live</dt>
        <dd>
          {client.tokenLifetimeSeconds === undefined
            ? 'as long as the server has it'
            : `${client.tokenLifetimeSeconds} seconds`}
        </dd>
        {client.senderConstraint !== undefined && (
          <>
            <dt>Tokens are bound by</dt>
            <dd>{client.senderConstraint === 'dpop' ? 'DPoP' : 'mutual TLS'}</dd>
          </>
        )}
        <dt>Last used</dt>
        <dd>
          <When at={lastUsedAt} />
        </dd>
        <dt>Created</dt>
        <dd>
          <When at={createdAt} />
        </dd>
        <dt>Ends</dt>
        <dd>{expiresAt === undefined ? 'never' : <Until at={expiresAt} />}</dd>
      </dl>
    </Panel>
  );
}
