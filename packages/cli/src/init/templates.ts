import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

/** What `init` can write, in the order of the help. */
export const FRAMEWORKS = ['express', 'koa', 'nestjs'] as const;

export type Framework = (typeof FRAMEWORKS)[number];

interface Needs {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
}

/** Shipped beside the program. */
const FOLDER = fileURLToPath(new URL('../../templates/', import.meta.url));

/**
 * The files of a template, by the path they are written to, with a package.json of this release's versions.
 *
 * @param name - of the new package
 */
export async function readTemplate(framework: Framework, name: string): Promise<ReadonlyMap<string, string>> {
  const folder = path.join(FOLDER, framework);
  const files = new Map([['package.json', await describePackage(framework, name)]]);
  for (const file of await readdir(folder)) {
    const text = await readFile(path.join(folder, file), 'utf8');
    // A file of that name would not be packed.
    files.set(file === 'gitignore' ? '.gitignore' : file, text.replaceAll('{{name}}', name));
  }
  return files;
}

async function describePackage(framework: Framework, name: string): Promise<string> {
  const all = await readJson<Readonly<Record<Framework, Needs>>>('templates/dependencies.json');
  const versions = await readJson<Readonly<Record<string, string>>>('templates/versions.json');
  const { version } = await readJson<{ version: string }>('package.json');
  const { scripts, dependencies, devDependencies } = all[framework];
  const withVersions = (names: readonly string[]): Readonly<Record<string, string>> =>
    Object.fromEntries(
      names.map((one) => [one, isOfThisRelease(one) ? `^${version}` : (versions[one] ?? '*')]),
    );
  const manifest = {
    name,
    version: '0.0.0',
    private: true,
    type: 'module',
    engines: { node: '>=22.16' },
    scripts,
    dependencies: withVersions(dependencies),
    devDependencies: withVersions(devDependencies),
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/** All packages of the project have one version. */
function isOfThisRelease(name: string): boolean {
  return name === 'mcp-m2m' || name.startsWith('@mcp-m2m/');
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(path.join(FOLDER, '..', file), 'utf8')) as T;
}
