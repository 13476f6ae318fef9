import { readFile } from 'node:fs/promises';
import { clientSecretBasic, privateKeyJwt, type ClientAuthentication } from '@mcp-m2m/core/client';

/** What the job needs to know, taken from the environment. */
export interface Configuration {
  readonly serverUrl: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly authentication: ClientAuthentication;
  /** Seconds between runs; the job runs once when absent. */
  readonly everySeconds: number | undefined;
}

// A day; timers of more than 24 days run out at once.
const MAX_SECONDS = 86_400;

/**
 * Reads the configuration. The private key stays in a file and the secret in the environment; neither is
 * ever printed.
 *
 * @throws Error naming the variable that is missing or wrong
 */
export async function readConfiguration(environment: NodeJS.ProcessEnv): Promise<Configuration> {
  const everySeconds =
    environment.EVERY_SECONDS === undefined ? undefined : Number(environment.EVERY_SECONDS);
  if (everySeconds !== undefined && !(everySeconds >= 1 && everySeconds <= MAX_SECONDS)) {
    throw new Error(`EVERY_SECONDS must be a number from 1 to ${MAX_SECONDS}.`);
  }
  return {
    serverUrl: required(environment, 'MCP_SERVER_URL', 'the URL of the MCP server'),
    issuer: required(environment, 'AUTHORIZATION_SERVER', 'the issuer that registered this client'),
    clientId: required(environment, 'CLIENT_ID', 'the id this client was registered under'),
    authentication: await readAuthentication(environment),
    everySeconds,
  };
}

async function readAuthentication(environment: NodeJS.ProcessEnv): Promise<ClientAuthentication> {
  const { CLIENT_PRIVATE_KEY_FILE: keyFile, CLIENT_SECRET: clientSecret } = environment;
  if (keyFile !== undefined)
    return privateKeyJwt({ key: await readFile(keyFile, 'utf8'), algorithm: 'ES256' });
  if (clientSecret !== undefined) return clientSecretBasic({ clientSecret });
  throw new Error('Set CLIENT_PRIVATE_KEY_FILE (recommended) or CLIENT_SECRET.');
}

function required(environment: NodeJS.ProcessEnv, name: string, meaning: string): string {
  const value = environment[name];
  if (value === undefined || value === '') throw new Error(`Set ${name} to ${meaning}.`);
  return value;
}
