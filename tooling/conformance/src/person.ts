import { UnauthorizedError, type StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createClient, createTransport } from './mcp-session.ts';
import { createPersonProvider, type PersonOptions, type PersonProvider } from './person-provider.ts';
import { contextValue, type Scenario } from './scenario.ts';
import { wrapFetch } from './wrap-fetch.ts';

/** A person in front of the official client: the authorization code flow, inside this project's `fetch`. */
export async function runPerson(scenario: Scenario, options: PersonOptions = {}): Promise<void> {
  const provider = createPersonProvider(options);
  // One for all transports: it knows which tokens are bound to its key.
  const wrappedFetch = wrapFetch(fetch);
  const open = (): StreamableHTTPClientTransport =>
    createTransport(scenario, { authProvider: provider, fetch: wrappedFetch });
  let transport = open();
  let client = createClient(scenario);
  await consenting(
    provider,
    () => transport,
    async (again) => {
      // A transport that has started does not start again.
      if (again) {
        transport = open();
        client = createClient(scenario);
      }
      await client.connect(transport);
    },
  );
  await consenting(
    provider,
    () => transport,
    () => client.listTools(),
  );
  await consenting(
    provider,
    () => transport,
    () => client.callTool({ name: 'test-tool', arguments: {} }),
  );
  await client.close();
}

/** A person whose client was registered with the authorization server beforehand. */
export async function runRegisteredPerson(scenario: Scenario): Promise<void> {
  await runPerson(scenario, {
    registration: {
      issuer: contextValue(scenario, 'issuer'),
      clientId: contextValue(scenario, 'client_id'),
      clientSecret: contextValue(scenario, 'client_secret'),
    },
  });
}

/** Does something, and once more after the person has consented, if that is what it takes. */
async function consenting(
  provider: PersonProvider,
  transport: () => StreamableHTTPClientTransport,
  action: (again: boolean) => Promise<unknown>,
): Promise<void> {
  try {
    await action(false);
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
    await transport().finishAuth(provider.takeCallback());
    await action(true);
  }
}
