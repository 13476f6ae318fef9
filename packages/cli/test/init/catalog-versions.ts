import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const TEMPLATES = new URL('../../templates/', import.meta.url);

/** The versions that `init` writes. */
export const VERSIONS = fileURLToPath(new URL('versions.json', TEMPLATES));

interface Needs {
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
}

/** What the templates need beside this project's own packages, with the versions of the workspace. */
export async function readCatalogVersions(): Promise<Readonly<Record<string, string>>> {
  const needs = JSON.parse(await readFile(new URL('dependencies.json', TEMPLATES), 'utf8')) as Record<
    string,
    Needs
  >;
  const workspace = await readFile(new URL('../../../../pnpm-workspace.yaml', import.meta.url), 'utf8');
  const catalog = workspace.slice(workspace.indexOf('\ncatalog:'), workspace.indexOf('\ncatalogs:'));
  const versions = new Map(
    [...catalog.matchAll(/^ {2}'?([^':\s]+)'?: (.+)$/gm)].map(([, name = '', version = '']) => [
      name,
      version,
    ]),
  );
  const names = Object.values(needs)
    .flatMap(({ dependencies, devDependencies }) => [...dependencies, ...devDependencies])
    .filter((name) => name !== 'mcp-m2m' && !name.startsWith('@mcp-m2m/'));
  return Object.fromEntries(
    [...new Set(names)].toSorted().map((name) => {
      const version = versions.get(name);
      if (version === undefined) throw new Error(`${name} is not in the catalog of the workspace.`);
      return [name, version];
    }),
  );
}
