import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFolders, readManifest, root } from './workspace.ts';

const run = promisify(execFile);
const bin = (name: string): string => path.join(root, 'tooling/house/node_modules/.bin', name);

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'mcp-m2m-packed-'));
  await Promise.all(
    packageFolders.map((name) =>
      run('pnpm', ['pack', '--pack-destination', folder], { cwd: path.join(root, 'packages', name) }),
    ),
  );
}, 60_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

async function tarballOf(packageFolder: string): Promise<string> {
  const { name, version } = readManifest(`packages/${packageFolder}`);
  const file = `${name.replace('@', '').replace('/', '-')}-${version}.tgz`;
  if (!(await readdir(folder)).includes(file)) throw new Error(`no tarball of ${name}`);
  return path.join(folder, file);
}

/** Packages that are imported; a command line alone is not. */
const importedFolders = packageFolders.filter((name) => {
  const { exports = {} } = readManifest(`packages/${name}`);
  return Object.keys(exports).some((subpath) => subpath !== './package.json');
});

/** The packages are ESM alone, so that resolution from CommonJS is no question. */
function isOfCommonJs(problem: { resolutionKind?: string }): boolean {
  return problem.resolutionKind === 'node10' || problem.resolutionKind === 'node16-cjs';
}

describe('packed packages', () => {
  it.each(packageFolders)('%s passes publint', async (name) => {
    const { stdout } = await run(bin('publint'), ['run', await tarballOf(name), '--strict']);
    expect(stdout).toContain('All good!');
  });

  it.each(importedFolders)('%s has right types for its entry points', async (name) => {
    const { stdout } = await run(bin('attw'), [await tarballOf(name), '--profile', 'esm-only', '-f', 'json']);
    const { analysis } = JSON.parse(stdout) as { analysis: { problems: object[]; entrypoints: object } };
    expect(Object.keys(analysis.entrypoints)).not.toEqual([]);
    expect(analysis.problems.filter((problem) => !isOfCommonJs(problem))).toEqual([]);
  });

  it.each(packageFolders)('%s is public, ESM, licensed and says which Node it needs', (name) => {
    const manifest = readManifest(`packages/${name}`);
    expect(manifest).toMatchObject({
      type: 'module',
      license: 'MIT',
      engines: { node: '>=22.16' },
      repository: { directory: `packages/${name}` },
      homepage: expect.stringContaining(`packages/${name}`),
      keywords: expect.arrayContaining(['mcp', 'oauth']),
    });
    expect(manifest.private).toBeUndefined();
  });

  it('a consumer of the tarballs compiles strictly and runs', async () => {
    const consumer = path.join(folder, 'consumer');
    const modules = path.join(consumer, 'node_modules');
    await mkdir(path.join(modules, '@mcp-m2m'), { recursive: true });
    for (const name of importedFolders) {
      const target = path.join(modules, '@mcp-m2m', name);
      await mkdir(target);
      await run('tar', ['-xzf', await tarballOf(name), '--strip-components=1', '-C', target]);
      // What the registry would install beside the package.
      const own = path.join(root, 'packages', name, 'node_modules');
      await mkdir(path.join(target, 'node_modules'));
      for (const dependency of Object.keys(readManifest(`packages/${name}`).dependencies ?? {})) {
        if (dependency.startsWith('@mcp-m2m/')) continue;
        const link = path.join(target, 'node_modules', dependency);
        await mkdir(path.dirname(link), { recursive: true });
        await symlink(path.join(own, dependency), link);
      }
    }
    await mkdir(path.join(modules, '@types'));
    await symlink(
      path.join(root, 'packages/core/node_modules/@types/node'),
      path.join(modules, '@types/node'),
    );
    await symlink(path.join(root, 'packages/express/node_modules/express'), path.join(modules, 'express'));
    await symlink(
      path.join(root, 'packages/express/node_modules/@types/express'),
      path.join(modules, '@types/express'),
    );
    await cp(path.join(root, 'tooling/house/consumer'), consumer, { recursive: true });
    await writeFile(path.join(consumer, 'package.json'), '{"type":"module"}');
    await run(bin('tsc'), ['-p', consumer]);
    const { stdout } = await run(process.execPath, [path.join(consumer, 'consumer.js')]);
    expect(stdout.trim()).toBe('401 then 200');
  }, 30_000);
});
