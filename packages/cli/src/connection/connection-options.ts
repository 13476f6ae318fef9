import { Option, type Command } from 'commander';

/** The options by which a command is told of a client and its credential, as commander hands them over. */
export interface ClientFlags {
  readonly credentialFile?: string;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly secretEnv?: string;
  readonly secretFile?: string;
  readonly secretCommand?: string;
  readonly secretPrompt?: boolean;
  readonly keyFile?: string;
  readonly keyId?: string;
  readonly algorithm?: string;
  readonly dpop?: boolean;
}

/** The options of a client, and of what it asks for. */
export interface CredentialFlags extends ClientFlags {
  readonly scope?: readonly string[];
  readonly provider?: string;
  readonly providerOption?: readonly string[];
}

/** The options by which a command is told how to connect. */
export interface ConnectionFlags extends CredentialFlags {
  readonly profile?: string;
  readonly tokenParameter?: readonly string[];
  readonly tokenEnv?: string;
  readonly tokenFile?: string;
  readonly timeout: number;
}

/** Parses an option that can be repeated. */
export const collect = (value: string, previous: readonly string[] = []): readonly string[] => [
  ...previous,
  value,
];

/** Adds the options of a client and its credential to a command. */
export function addClientOptions(command: Command): Command {
  return command
    .option(
      '--credential-file <path>',
      'JSON file with issuer, client id and secret, as "serve" and "clients create" write it (MCP_M2M_CREDENTIAL_FILE)',
    )
    .option('--issuer <url>', 'the authorization server that the credential belongs to (MCP_M2M_ISSUER)')
    .option('--client-id <id>', "the client's id there (MCP_M2M_CLIENT_ID)")
    .option(
      '--secret-env <name>',
      'environment variable with the client secret (default MCP_M2M_CLIENT_SECRET)',
    )
    .option('--secret-file <path>', 'file with the client secret')
    .option(
      '--secret-command <command>',
      'program, and its arguments separated by spaces, that prints the client secret',
    )
    .option('--secret-prompt', 'ask for the client secret')
    .option('--key-file <path>', 'private key (PEM) that signs assertions instead of a secret')
    .option('--key-id <kid>', 'id of that key')
    .option('--algorithm <name>', 'algorithm of that key (default ES256)')
    .option('--dpop', 'bind tokens to a key made for this run (DPoP)');
}

/** Adds the options of a client, its credential, and what it asks for. */
export function addCredentialOptions(command: Command): Command {
  return addClientOptions(command)
    .option('-s, --scope <scope>', 'a scope to request at most; repeat for several', collect)
    .option(
      '--provider <name>',
      'identity provider with needs of its own: auth0, entra-id, okta, cognito, keycloak, ping-one',
    )
    .option(
      '--provider-option <name=value>',
      'an option of that provider, such as audience=…; repeat for several',
      collect,
    );
}

/** Adds the options of a connection to a command. */
export function addConnectionOptions(command: Command): Command {
  addProfileOption(command);
  return addCredentialOptions(command)
    .option(
      '--token-parameter <name=value>',
      'a further parameter of the token request; repeat for several',
      collect,
    )
    .option('--token-env <name>', 'environment variable with an access token to use as it is')
    .option('--token-file <path>', 'file with an access token to use as it is')
    .addOption(timeoutOption());
}

/** Adds the option by which a profile is named. */
export function addProfileOption(command: Command): Command {
  return command.option(
    '-p, --profile <name>',
    'take what is not given here from this profile (see "mcp-m2m profile")',
  );
}

/** The option that bounds every step. */
export function timeoutOption(): Option {
  return new Option('--timeout <seconds>', 'bound on every step').default(10).argParser((value) => {
    const seconds = Number(value);
    if (!(seconds > 0 && seconds <= 600))
      throw new TypeError('--timeout must be a number of seconds, at most 600.');
    return seconds;
  });
}
