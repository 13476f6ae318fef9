import { NativeSelect, Tabs } from '@mantine/core';
import { useState } from 'react';

import { useServer } from '../api/queries.ts';
import { CopyField } from '../parts/copy-field.tsx';
import { Loaded } from '../parts/loaded.tsx';
import type { Client } from './client-words.ts';
import { keyCommands, secretCommands, workloadCommands } from './commands.ts';

const COMMANDS = {
  secret: secretCommands,
  private_key_jwt: keyCommands,
  workload: workloadCommands,
} as const;

/** How a client gets a token, ready to be copied. */
export function ReadyCommands({
  client,
}: {
  client: Pick<Client, 'clientId' | 'access' | 'authentication'>;
}) {
  const server = useServer();
  const { clientId, access, authentication } = client;
  const [chosen, setChosen] = useState(access[0]?.resource ?? '');
  const target = access.find(({ resource }) => resource === chosen) ?? access[0];
  if (target === undefined) return <p>This client may call nothing yet: give it access first.</p>;
  return (
    <Loaded query={server}>
      {({ issuer, tokenEndpoint }) => {
        const { resource, scopes } = target;
        const commands = COMMANDS[authentication.method]({
          issuer,
          tokenEndpoint,
          clientId,
          resource,
          scopes,
        });
        return (
          <div className="stack">
            {access.length > 1 && (
              <NativeSelect
                label="For the MCP server"
                value={target.resource}
                onChange={(event) => setChosen(event.currentTarget.value)}
                data={access.map((one) => one.resource)}
              />
            )}
            <Tabs defaultValue="0">
              <Tabs.List>
                {commands.map(({ name }, index) => (
                  <Tabs.Tab key={name} value={String(index)}>
                    {name}
                  </Tabs.Tab>
                ))}
              </Tabs.List>
              {commands.map(({ name, text }, index) => (
                <Tabs.Panel key={name} value={String(index)} pt="sm">
                  <CopyField block label={name} text={text} />
                </Tabs.Panel>
              ))}
            </Tabs>
          </div>
        );
      }}
    </Loaded>
  );
}
