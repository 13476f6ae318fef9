import { Button } from '@mantine/core';

import type { AdminSchemas } from '../api/calls.ts';
import { ForeignText } from '../parts/foreign-text.tsx';
import { PageHead } from '../parts/page-head.tsx';
import { Panel } from '../parts/panel.tsx';
import { hrefTo } from '../shell/route.ts';
import { ReadyCommands } from './ready-commands.tsx';
import { SecretReveal } from './secret-reveal.tsx';

/** A client that was just made: its secret, and how it gets its first token. */
export function CreatedClient({ client }: { client: AdminSchemas['CreatedClient'] }) {
  return (
    <>
      <PageHead
        title={
          <>
            <ForeignText text={client.label ?? client.clientId} /> was created
          </>
        }
      >
        <span className="wrap-anywhere">Client ID: {client.clientId}</span>
      </PageHead>
      <div className="stack">
        {client.secret !== undefined && <SecretReveal secret={client.secret} />}
        {client.authentication.method === 'workload' && (
          <p>
            It gets tokens once a rule says which workload it is. <a href={hrefTo('trust')}>Add the rule</a>.
          </p>
        )}
        <Panel title="Its first token">
          <ReadyCommands client={client} />
        </Panel>
        <div className="row">
          <Button component="a" href={hrefTo('clients', 'of', client.clientId)} variant="default">
            Go to the client
          </Button>
        </div>
      </div>
    </>
  );
}
