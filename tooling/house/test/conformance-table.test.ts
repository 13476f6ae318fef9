import { describe, expect, it } from 'vitest';
import { readText } from './workspace.ts';

const ROW = /^\| ((?:RS|CL|AS)\d+) +\| .*? \| `([^`]+)`: "([^"]+)" *\|$/gm;

const rows = [...readText('tooling/conformance/README.md').matchAll(ROW)].map(
  ([, id = '', file = '', name = '']) => [id, file, name] as const,
);

describe('the table of requirements', () => {
  it.each([
    ['resource server', 'RS', 26],
    ['client', 'CL', 18],
    ['authorization server', 'AS', 20],
  ])('has every line that binds the %s, once and in order', (_, letters, count) => {
    const ids = Array.from({ length: count }, (_entry, index) => `${letters}${index + 1}`);
    expect(rows.map(([id]) => id).filter((id) => id.startsWith(letters))).toEqual(ids);
  });

  it.each(rows)('%s is shown by a test that exists: %s', (_, file, name) => {
    expect(readText(`packages/${file}`)).toContain(name);
  });
});
