import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The workspace's root folder. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Names of the folders below `packages`. */
export const packageFolders = [
  'authorization-server',
  'cli',
  'console',
  'core',
  'doctor',
  'express',
  'fastify',
  'koa',
  'nestjs',
  'testing',
  'web',
];

/** The members of a package.json that are checked. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly engines?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readText(path.join(folder, 'package.json'))) as Manifest;
}

/** Reads a file by its path from the root. */
export function readText(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

/** Files that are kept or are about to be, by path from the root. */
export function listFiles(...patterns: readonly string[]): readonly string[] {
  const command = ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...patterns];
  const listed = execFileSync('git', command, { cwd: root, encoding: 'utf8' });
  return [...new Set(listed.split('\n'))].filter((file) => file !== '' && existsSync(path.join(root, file)));
}
