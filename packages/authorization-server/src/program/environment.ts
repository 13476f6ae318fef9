import { assertKnownOptions } from '@mcp-m2m/core';

/** A JSON object of the configuration. */
export type Settings = Readonly<Record<string, unknown>>;

/** Where a variable of the environment goes: the path of its setting, and how its text is read. */
const VARIABLES: Readonly<
  Record<string, readonly [path: readonly string[], read: (text: string) => unknown]>
> = {
  MCP_M2M_ISSUER: [['issuer'], asText],
  MCP_M2M_DATABASE: [['database'], asText],
  MCP_M2M_SECRET_KEY: [['secretKey'], asText],
  MCP_M2M_SECRET_KEY_FILE: [['secretKeyFile'], asText],
  MCP_M2M_HOST: [['listen', 'host'], asText],
  MCP_M2M_PORT: [['listen', 'port'], asNumber],
  MCP_M2M_OPERATIONS_HOST: [['operations', 'host'], asText],
  MCP_M2M_OPERATIONS_PORT: [['operations', 'port'], asNumber],
  MCP_M2M_TRUSTED_PROXIES: [['trustedProxies'], asList],
  MCP_M2M_LOG_LEVEL: [['log', 'level'], asText],
};

const PREFIX = 'MCP_M2M_';
const READ_ELSEWHERE = 'MCP_M2M_CONFIG';

/**
 * Puts the environment over the settings of the file. A variable that is empty is not there.
 *
 * @returns the settings of both
 */
export function applyEnvironment(file: Settings, environment: NodeJS.ProcessEnv): Settings {
  const settings: Record<string, unknown> = { ...file };
  for (const [name, [path, read]] of Object.entries(VARIABLES)) {
    const text = environment[name];
    if (text === undefined || text === '') continue;
    const [first = '', second] = path;
    if (second === undefined) settings[first] = read(text);
    else settings[first] = { ...(isSettings(settings[first]) ? settings[first] : {}), [second]: read(text) };
  }
  return settings;
}

/**
 * Refuses variables that begin like ours and are read by nobody: a misspelt one would have no effect.
 *
 * @throws TypeError naming the variable and the nearest known one
 */
export function assertKnownVariables(environment: NodeJS.ProcessEnv): void {
  const ours = Object.keys(environment).filter((name) => name.startsWith(PREFIX));
  const known = [...Object.keys(VARIABLES), READ_ELSEWHERE];
  assertKnownOptions(Object.fromEntries(ours.map((name) => [name, ''])), known, 'The environment');
}

/** Tells whether a value is an object of settings. */
export function isSettings(value: unknown): value is Settings {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asText(text: string): string {
  return text;
}

/** What is no number is left as it is, and refused as such by whoever wants one. */
function asNumber(text: string): unknown {
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}

function asList(text: string): readonly string[] {
  return text.split(',').map((entry) => entry.trim());
}
