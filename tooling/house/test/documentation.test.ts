import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { listFiles, packageFolders, readText } from './workspace.ts';

const EXAMPLE = /<!-- example: (\S+) -->\n+```ts\n([\s\S]*?)```/g;

const documents = listFiles('*.md').filter((file) => !file.startsWith('.changeset/'));

describe('documentation', () => {
  it.each(documents)('%s shows its examples as they are compiled', (document) => {
    for (const [, file = '', shown] of readText(document).matchAll(EXAMPLE)) {
      expect(shown, `${document} differs from ${file}; copy the file into the document`).toBe(readText(file));
    }
  });

  it.each(documents)('%s links only to files that are there', (document) => {
    const files = listFiles();
    for (const [, target = ''] of readText(document).matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const linked = path.join(path.dirname(document), target);
      const exists = files.some(
        (file) => file === linked || file.startsWith(`${linked.replace(/\/$/, '')}/`),
      );
      expect(exists, `${document} links to ${target}`).toBe(true);
    }
  });

  it('the first screen of README.md is the two commands', () => {
    const firstScreen = readText('README.md').split('\n').slice(0, 20).join('\n');
    expect(firstScreen).toContain('npm run demo');
    expect(firstScreen).toContain('npm test');
  });

  it('the Express example of README.md is ten lines of code, apart from its imports', () => {
    const [, , example = ''] = new RegExp(EXAMPLE.source).exec(readText('README.md')) ?? [];
    const lines = example.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('import '));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(10);
  });

  it.each(packageFolders)('packages/%s/README.md has a complete example by line 20', (folder) => {
    const firstLines = readText(`packages/${folder}/README.md`).split('\n').slice(0, 20).join('\n');
    // Of a command line, its commands.
    expect(firstLines).toMatch(/```ts\nimport|```sh\nnpx mcp-m2m /);
  });
});
