import { describe, expect, it } from 'vitest';
import { packageFolders, readManifest } from './workspace.ts';

const entryPoints = packageFolders.flatMap((folder) => {
  const { name, exports = {} } = readManifest(`packages/${folder}`);
  return Object.keys(exports)
    .filter((subpath) => subpath !== './package.json')
    .map((subpath) => `${name}${subpath.slice(1)}`);
});

describe('public exports', () => {
  it.each(entryPoints)('%s exports what the list says', async (entryPoint) => {
    const module = (await import(entryPoint)) as object;
    await expect(`${Object.keys(module).toSorted().join('\n')}\n`).toMatchFileSnapshot(
      `public-exports/${entryPoint.replace('@mcp-m2m/', '').replaceAll('/', '.')}.txt`,
    );
  });
});
