/** What the suite tells the client of the scenario beside the server's URL. */
export interface Scenario {
  readonly name: string;
  readonly serverUrl: string;
  /** The revision of the protocol that the suite speaks in this run. */
  readonly protocolVersion: string;
  /** Credentials and the like, by name. */
  readonly context: Readonly<Record<string, string | undefined>>;
}

/** Reads the scenario from where the suite puts it: the last argument and the environment. */
export function readScenario(): Scenario {
  const { MCP_CONFORMANCE_SCENARIO, MCP_CONFORMANCE_CONTEXT, MCP_CONFORMANCE_PROTOCOL_VERSION } = process.env;
  return {
    name: MCP_CONFORMANCE_SCENARIO ?? '',
    serverUrl: process.argv.at(-1) ?? '',
    protocolVersion: MCP_CONFORMANCE_PROTOCOL_VERSION ?? '2025-11-25',
    context: JSON.parse(MCP_CONFORMANCE_CONTEXT ?? '{}') as Scenario['context'],
  };
}

/** A member of the scenario's context that the driver cannot do without. */
export function contextValue({ name, context }: Scenario, member: string): string {
  const value = context[member];
  if (value === undefined) throw new Error(`${name} gave no ${member} in its context.`);
  return value;
}
