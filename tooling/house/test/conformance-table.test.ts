import { describe, expect, it } from 'vitest';
import { readText } from './workspace.ts';

const ROW = /^\| (RS\d+) +\| .*? \| `([^`]+)`: "([^"]+)" *\|$/gm;

const rows = [...readText('tooling/conformance/README.md').matchAll(ROW)].map(
  ([, id = '', file = '', name = '']) => [id, file, name] as const,
);

describe('the table of requirements', () => {
  it('has every line that binds a resource server, once and in order', () => {
    const ids = Array.from({ length: 26 }, (_, index) => `RS${index + 1}`);
    expect(rows.map(([id]) => id)).toEqual(ids);
  });

  it.each(rows)('%s is shown by a test that exists: %s', (_, file, name) => {
    expect(readText(`packages/${file}`)).toContain(name);
  });
});
