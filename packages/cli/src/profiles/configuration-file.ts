import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';

import { usageError } from '../command-error.ts';
import { parseProfile, type Profile } from './profile.ts';

/** The configuration file, read and validated. */
export interface Configuration {
  readonly path: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

/**
 * Where the configuration file is: `MCP_M2M_CONFIG`, else `mcp-m2m/config.json` below `XDG_CONFIG_HOME` or
 * `~/.config`.
 */
export function configurationPath({ MCP_M2M_CONFIG, XDG_CONFIG_HOME }: NodeJS.ProcessEnv): string {
  if (MCP_M2M_CONFIG !== undefined && MCP_M2M_CONFIG !== '') return MCP_M2M_CONFIG;
  const base =
    XDG_CONFIG_HOME !== undefined && path.isAbsolute(XDG_CONFIG_HOME)
      ? XDG_CONFIG_HOME
      : path.join(homedir(), '.config');
  return path.join(base, 'mcp-m2m', 'config.json');
}

/**
 * Reads the configuration file; one that is not there has no profiles.
 *
 * @throws CommandError naming the file and what is wrong in it
 */
export async function readConfiguration(environment: NodeJS.ProcessEnv): Promise<Configuration> {
  const file = configurationPath(environment);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { path: file, profiles: {} };
    throw usageError(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'failure'}).`);
  }
  let document: { readonly profiles?: unknown };
  try {
    document = JSON.parse(text) as typeof document;
  } catch {
    throw usageError(`${file} is not JSON.`);
  }
  const { profiles = {} } = document ?? {};
  if (typeof profiles !== 'object' || profiles === null || Array.isArray(profiles)) {
    throw usageError(`${file}: "profiles" must be an object.`);
  }
  return {
    path: file,
    profiles: Object.fromEntries(
      Object.entries(profiles).map(([name, profile]) => [
        name,
        parseProfile(profile, `${file}: profiles[${JSON.stringify(name)}]`),
      ]),
    ),
  };
}

/** Writes the configuration file, whole or not at all; readable by its owner alone. */
export async function writeConfiguration(configuration: Configuration): Promise<void> {
  const { path: file, profiles } = configuration;
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}.new`;
  await writeFile(draft, `${JSON.stringify({ profiles }, undefined, 2)}\n`, { mode: 0o600 });
  await rename(draft, file);
}
