import { readFile } from 'node:fs/promises';

import {
  clientSecretBasic,
  createDpop,
  privateKeyJwt,
  type ClientAuthentication,
  type DpopProver,
  type ProviderProfile,
  type SigningAlgorithm,
} from '@mcp-m2m/core/client';

import { usageError } from '../command-error.ts';
import { readConfiguration } from '../profiles/configuration-file.ts';
import type { Profile, ProviderReference, SecretReference } from '../profiles/profile.ts';
import type { Terminal } from '../terminal.ts';
import type { ConnectionFlags } from './connection-options.ts';
import { readCredentialFile, type CredentialFile } from './credential-file.ts';
import { createProvider } from './providers.ts';
import { parsePairs, secretReferenceOf } from './read-flags.ts';
import { readSecret } from './read-secret.ts';

/** Environment variables that name a credential file: an administrator's is not for connections to MCP servers. */
export type CredentialVariable = 'MCP_M2M_CREDENTIAL_FILE' | 'MCP_M2M_ADMIN_CREDENTIAL_FILE';

/** How to connect, with all secrets read. */
export interface Connection {
  readonly url: string;
  readonly issuer: string | undefined;
  readonly clientId: string | undefined;
  readonly authentication: ClientAuthentication | undefined;
  readonly provider: ProviderProfile | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly dpop: DpopProver | undefined;
  readonly tokenParameters: Readonly<Record<string, string>> | undefined;
  /** An access token to use as it is. */
  readonly token: string | undefined;
  readonly timeoutMilliseconds: number;
}

/**
 * Puts together how to connect: what the command line says, then the profile, then the environment
 * (`MCP_M2M_URL`, `MCP_M2M_CREDENTIAL_FILE`, `MCP_M2M_ISSUER`, `MCP_M2M_CLIENT_ID`, `MCP_M2M_CLIENT_SECRET`).
 *
 * @param url - as on the command line, if it is there
 * @param variable - the environment variable that names a credential file
 * @throws CommandError naming what is missing or wrong
 */
export async function resolveConnection(
  url: string | undefined,
  flags: ConnectionFlags,
  terminal: Terminal,
  variable: CredentialVariable = 'MCP_M2M_CREDENTIAL_FILE',
): Promise<Connection> {
  const { environment } = terminal;
  const profile = await readProfile(flags.profile, environment);
  const credential = await resolveCredentialFile(flags, profile, environment, variable);
  const address = url ?? profile.url ?? environment.MCP_M2M_URL ?? credential?.resource;
  if (address === undefined) {
    throw usageError('Name the MCP server: its URL on the command line, in the profile or in MCP_M2M_URL.');
  }
  return {
    url: address,
    issuer: flags.issuer ?? credential?.issuer ?? profile.issuer ?? environment.MCP_M2M_ISSUER,
    provider: await resolveProvider(flags, profile),
    scopes: flags.scope ?? profile.scopes,
    dpop: (flags.dpop ?? profile.dpop) === true ? createDpop() : undefined,
    tokenParameters:
      flags.tokenParameter === undefined ? undefined : parsePairs(flags.tokenParameter, '--token-parameter'),
    token: await resolveToken(flags, terminal),
    timeoutMilliseconds: Math.round(flags.timeout * 1000),
    ...(credential === undefined
      ? await resolveCredential(flags, profile, terminal)
      : {
          clientId: credential.clientId,
          authentication: clientSecretBasic({ clientSecret: credential.clientSecret }),
        }),
  };
}

/**
 * The issuer of a connection, for connections to the issuer itself.
 *
 * @param variable - the environment variable that names a credential file
 */
export async function resolveIssuer(
  flags: ConnectionFlags,
  { environment }: Terminal,
  variable: CredentialVariable,
): Promise<string | undefined> {
  const profile = await readProfile(flags.profile, environment);
  const credential = await resolveCredentialFile(flags, profile, environment, variable);
  return flags.issuer ?? credential?.issuer ?? profile.issuer ?? environment.MCP_M2M_ISSUER;
}

/**
 * The credential file that counts: of the command line, else of the profile, else of the environment; none where a
 * client is told in another way before it.
 */
async function resolveCredentialFile(
  flags: ConnectionFlags,
  profile: Profile,
  environment: NodeJS.ProcessEnv,
  variable: CredentialVariable,
): Promise<CredentialFile | undefined> {
  const told =
    flags.clientId !== undefined || secretReferenceOf(flags) !== undefined || flags.keyFile !== undefined;
  if (flags.credentialFile !== undefined) {
    if (told) {
      throw usageError(
        '--credential-file names client and secret: leave out --client-id, --secret-… and --key-file.',
      );
    }
    return await readCredentialFile(flags.credentialFile);
  }
  if (told) return undefined;
  if (profile.credentialFile !== undefined) return await readCredentialFile(profile.credentialFile);
  const file = environment[variable];
  if (profile.clientId !== undefined || file === undefined || file === '') return undefined;
  return await readCredentialFile(file);
}

async function readProfile(name: string | undefined, environment: NodeJS.ProcessEnv): Promise<Profile> {
  if (name === undefined) return {};
  const { profiles, path } = await readConfiguration(environment);
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile !== undefined) return profile;
  const known = Object.keys(profiles);
  throw usageError(
    `There is no profile "${name}" in ${path}; ${known.length === 0 ? 'there is none at all' : `known are ${known.join(', ')}`}.`,
  );
}

async function resolveCredential(
  flags: ConnectionFlags,
  profile: Profile,
  terminal: Terminal,
): Promise<Pick<Connection, 'clientId' | 'authentication'>> {
  const { environment } = terminal;
  const clientId = flags.clientId ?? profile.clientId ?? environment.MCP_M2M_CLIENT_ID;
  const given = secretReferenceOf(flags);
  const secret = given ?? (flags.keyFile === undefined ? profile.secret : undefined);
  const keyFile = flags.keyFile ?? (given === undefined ? profile.keyFile : undefined);
  const named = clientId === undefined ? undefined : `the client ${clientId}`;
  if (keyFile !== undefined) {
    if (named === undefined) throw usageError('A key is of a client: give --client-id as well.');
    return { clientId, authentication: await readKey(keyFile, flags, profile) };
  }
  const fallback: SecretReference | undefined =
    environment.MCP_M2M_CLIENT_SECRET === undefined ? undefined : { env: 'MCP_M2M_CLIENT_SECRET' };
  const source = secret ?? fallback;
  if (source === undefined || named === undefined) {
    if (secret !== undefined) throw usageError('A secret is of a client: give --client-id as well.');
    if (flags.clientId !== undefined || profile.clientId !== undefined) {
      throw usageError(
        `${named} needs a credential: --key-file, --secret-file, --secret-env, --secret-command or --secret-prompt.`,
      );
    }
    return { clientId: undefined, authentication: undefined };
  }
  const clientSecret = await readSecret(source, `secret of ${named}`, terminal);
  return { clientId, authentication: clientSecretBasic({ clientSecret }) };
}

async function readKey(
  file: string,
  flags: ConnectionFlags,
  profile: Profile,
): Promise<ClientAuthentication> {
  let key: string;
  try {
    key = await readFile(file, 'utf8');
  } catch (error) {
    throw usageError(
      `The key cannot be read from ${file} (${(error as NodeJS.ErrnoException).code ?? 'failure'}).`,
    );
  }
  const keyId = flags.keyId ?? profile.keyId;
  try {
    return privateKeyJwt({
      key,
      algorithm: (flags.algorithm ?? profile.algorithm ?? 'ES256') as SigningAlgorithm,
      ...(keyId === undefined ? {} : { keyId }),
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw usageError(`${file}: ${error.message}`);
  }
}

async function resolveToken(flags: ConnectionFlags, terminal: Terminal): Promise<string | undefined> {
  if (flags.tokenEnv !== undefined)
    return await readSecret({ env: flags.tokenEnv }, 'access token', terminal);
  if (flags.tokenFile !== undefined)
    return await readSecret({ file: flags.tokenFile }, 'access token', terminal);
  return undefined;
}

async function resolveProvider(
  flags: ConnectionFlags,
  profile: Profile,
): Promise<ProviderProfile | undefined> {
  const options = parsePairs(flags.providerOption ?? [], '--provider-option');
  const reference: ProviderReference | undefined =
    flags.provider === undefined
      ? profile.provider && { ...profile.provider, ...options }
      : { ...options, name: flags.provider };
  return reference === undefined ? undefined : createProvider(reference);
}
