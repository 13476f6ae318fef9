import { sanitizeText } from '@mcp-m2m/core';
import stringWidth from 'string-width';

/** A column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly of: (row: Row) => string | undefined;
  /** Whether its text gives way where the lines get too long; what identifies something never does. */
  readonly shrinks?: boolean;
}

const GAP = '  ';
const LEAST_WIDTH = 8;
const MOST_CHARACTERS = 2000;
const NOTHING = '-';

/**
 * Lays rows out in aligned columns: text of any origin, sanitised, in lines no longer than the terminal is wide as far as
 * columns that shrink allow it.
 *
 * @param width - of the terminal, in columns
 */
export function formatTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): string {
  const table = [
    columns.map(({ title }) => title),
    ...rows.map((row) =>
      columns.map(({ of }) => sanitizeText(of(row) ?? NOTHING, MOST_CHARACTERS) || NOTHING),
    ),
  ];
  const widths = columns.map((_column, index) =>
    Math.max(...table.map((cells) => stringWidth(cells[index] ?? ''))),
  );
  shrink(columns, widths, width);
  return table
    .map((cells) =>
      cells
        .map((cell, index) => pad(truncate(cell, widths[index] ?? 0), widths[index] ?? 0))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}

/** Takes width from the widest column that shrinks, until the lines fit or nothing can give way. */
function shrink(columns: readonly Column<never>[], widths: number[], width: number): void {
  const isWithin = (): boolean =>
    widths.reduce((sum, one) => sum + one, GAP.length * (widths.length - 1)) <= width;
  while (!isWithin()) {
    const [widest] = columns
      .map((column, index) => ({ index, width: column.shrinks === true ? (widths[index] ?? 0) : 0 }))
      .toSorted((a, b) => b.width - a.width);
    if (widest === undefined || widest.width <= LEAST_WIDTH) return;
    widths[widest.index] = widest.width - 1;
  }
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

function truncate(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let shown = '';
  for (const { segment } of graphemes.segment(text)) {
    if (stringWidth(shown) + stringWidth(segment) > width - 1) break;
    shown += segment;
  }
  return `${shown}…`;
}

function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}
