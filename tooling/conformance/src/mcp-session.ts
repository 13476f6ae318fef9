import { clientCredentialsCapabilities } from '@mcp-m2m/core';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Scenario } from './scenario.ts';

/** Options of the official transport: how it fetches, and who authorizes it. */
export type TransportOptions = NonNullable<ConstructorParameters<typeof StreamableHTTPClientTransport>[1]>;

/** The official client for the revision that the scenario speaks. */
export function createClient({ protocolVersion }: Scenario): Client {
  return new Client(
    { name: 'mcp-m2m-conformance', version: '1.0.0' },
    {
      capabilities: { ...clientCredentialsCapabilities() },
      versionNegotiation: { mode: protocolVersion < '2026' ? 'legacy' : { pin: protocolVersion } },
    },
  );
}

export function createTransport(
  { serverUrl }: Scenario,
  options: TransportOptions,
): StreamableHTTPClientTransport {
  return new StreamableHTTPClientTransport(new URL(serverUrl), options);
}

/** A whole session of a machine: connects, lists the tools, calls the scenario's one tool. */
export async function callTools(scenario: Scenario, options: TransportOptions): Promise<void> {
  const client = createClient(scenario);
  await client.connect(createTransport(scenario, options));
  await client.listTools();
  await client.callTool({ name: 'test-tool', arguments: {} });
  await client.close();
}
