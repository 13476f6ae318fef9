import path from 'node:path';

import type { Command } from 'commander';

import { usageError } from '../command-error.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { readConfiguration, writeConfiguration } from '../profiles/configuration-file.ts';
import { parseProfile, type Profile } from '../profiles/profile.ts';
import { addCredentialOptions, type CredentialFlags } from '../connection/connection-options.ts';
import { parsePairs, secretReferenceOf } from '../connection/read-flags.ts';
import { describeReference } from '../connection/read-secret.ts';
import { writeResult, type Terminal } from '../terminal.ts';
import type { RunCommand } from './run-command.ts';

interface ProfileFlags extends CredentialFlags {
  readonly url?: string;
  readonly json?: boolean;
}

/** `profile set|list|remove`: connections under a name, without their secrets. */
export function addProfileCommand(program: Command, run: RunCommand): void {
  const profile = program
    .command('profile')
    .summary('keep connections under a name, without their secrets')
    .description(
      'Keeps connections in a configuration file (MCP_M2M_CONFIG, else ~/.config/mcp-m2m/config.json).\nIt says where a secret is, and never what it is.',
    );
  addCredentialOptions(profile.command('set <name>'))
    .summary('create a profile, or replace it')
    .option('--url <url>', 'the MCP server')
    .addHelpText(
      'after',
      `
Examples:
  mcp-m2m profile set admin --credential-file mcp-m2m-data/administrator.json
  mcp-m2m profile set nightly --url https://mcp.example.com/mcp --issuer https://auth.example.com \\
    --client-id nightly-report --secret-file /run/secrets/nightly`,
    )
    .action(run(setProfile));
  profile
    .command('list')
    .summary('list the profiles')
    .option('--json', 'print them as JSON')
    .action(run(listProfiles));
  profile.command('remove <name>').summary('remove a profile').action(run(removeProfile));
}

async function setProfile(
  terminal: Terminal,
  [name = '']: readonly (string | undefined)[],
  flags: ProfileFlags,
): Promise<number> {
  if (!/^[\w.-]{1,64}$/.test(name))
    throw usageError('The name of a profile has letters, digits, ".", "_" and "-".');
  const configuration = await readConfiguration(terminal.environment);
  const profile = parseProfile(profileOf(flags), 'The profile');
  await writeConfiguration({ ...configuration, profiles: { ...configuration.profiles, [name]: profile } });
  terminal.err.write(`Profile "${name}" is in ${configuration.path}.\n`);
  return EXIT_CODES.done;
}

async function listProfiles(
  terminal: Terminal,
  _positional: readonly (string | undefined)[],
  { json }: ProfileFlags,
): Promise<number> {
  const { profiles, path: file } = await readConfiguration(terminal.environment);
  writeResult(terminal, json === true, { path: file, profiles }, () =>
    Object.keys(profiles).length === 0
      ? `There is no profile in ${file}; create one with "mcp-m2m profile set".`
      : Object.entries(profiles)
          .map(([name, profile]) => describeProfile(name, profile))
          .join('\n'),
  );
  return EXIT_CODES.done;
}

async function removeProfile(
  terminal: Terminal,
  [name = '']: readonly (string | undefined)[],
): Promise<number> {
  const configuration = await readConfiguration(terminal.environment);
  if (!Object.hasOwn(configuration.profiles, name)) {
    throw usageError(`There is no profile "${name}" in ${configuration.path}.`);
  }
  const { [name]: _removed, ...profiles } = configuration.profiles;
  await writeConfiguration({ ...configuration, profiles });
  terminal.err.write(`Profile "${name}" is removed; its secret stays where it is.\n`);
  return EXIT_CODES.done;
}

function describeProfile(name: string, profile: Profile): string {
  const { url, credentialFile, clientId, issuer, secret, keyFile } = profile;
  if (credentialFile !== undefined) return `${name}: ${url ?? 'no URL'}, credential in ${credentialFile}`;
  const credential =
    keyFile === undefined
      ? secret === undefined
        ? 'no credential'
        : `secret from ${describeReference(secret)}`
      : `key in ${keyFile}`;
  return `${name}: ${url ?? 'no URL'}, client ${clientId ?? 'not said'} at ${issuer ?? 'an issuer not said'}, ${credential}`;
}

function profileOf(flags: ProfileFlags): Record<string, unknown> {
  const {
    url,
    credentialFile,
    issuer,
    clientId,
    keyFile,
    keyId,
    algorithm,
    scope,
    dpop,
    provider,
    providerOption = [],
  } = flags;
  const secret = secretReferenceOf(flags);
  if (credentialFile !== undefined && (clientId ?? secret ?? keyFile) !== undefined) {
    throw usageError(
      '--credential-file names client and secret: leave out --client-id, --secret-… and --key-file.',
    );
  }
  const members = {
    url,
    credentialFile: credentialFile === undefined ? undefined : path.resolve(credentialFile),
    issuer,
    clientId,
    secret: secret !== undefined && 'file' in secret ? { file: path.resolve(secret.file) } : secret,
    keyFile: keyFile === undefined ? undefined : path.resolve(keyFile),
    keyId,
    algorithm,
    scopes: scope,
    dpop,
    provider:
      provider === undefined
        ? undefined
        : { ...parsePairs(providerOption, '--provider-option'), name: provider },
  };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
