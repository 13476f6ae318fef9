import { describe, expect, it } from 'vitest';

import { formatTable, type Column } from '../../src/admin/table.ts';

const COLUMNS: readonly Column<readonly [string, string | undefined]>[] = [
  { title: 'ID', of: ([id]) => id },
  { title: 'LABEL', of: ([, label]) => label, shrinks: true },
];

describe('formatTable', () => {
  it('aligns columns by how wide text is drawn', () => {
    const rows = [
      ['a', '漢字'],
      ['long-id', undefined],
    ] as const;
    expect(formatTable([...COLUMNS, { title: 'END', of: () => 'x' }], rows, 80)).toBe(
      'ID       LABEL  END\na        漢字   x\nlong-id  -      x',
    );
  });

  it('shortens what may shrink, never what identifies, and never within a character', () => {
    const family = '👩‍👩‍👧‍👦';
    const table = formatTable(COLUMNS, [['identifier', family.repeat(10)]], 24);
    expect(table.split('\n')[1]).toMatch(/^identifier {2}/);
    expect(table).toContain('…');
    expect(table).not.toContain('\ufffd');
    expect(formatTable(COLUMNS, [['identifier'.repeat(10), 'x']], 24)).toContain('identifier'.repeat(10));
  });

  it('text that would forge lines or turn their direction is shown and not done', () => {
    const table = formatTable(COLUMNS, [['a', 'one\ntwo\u001b[31m\u202e']], 100);
    expect(table.split('\n')).toHaveLength(2);
    expect(table).toContain(String.raw`one\u{a}two\u{1b}[31m\u{202e}`);
  });

  it('ten thousand characters do not spoil the table', () => {
    const table = formatTable(COLUMNS, [['a', 'x'.repeat(10_000)]], 60);
    expect(Math.max(...table.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
  });
});
