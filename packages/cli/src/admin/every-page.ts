import { CommandError } from '../command-error.ts';

/** A page of a list, and how to get the next one. */
export interface Page<T> {
  readonly entries: readonly T[];
  readonly next: string | undefined;
}

const MOST_PAGES = 10_000;

/**
 * Reads a list page by page, until it ends or there is enough.
 *
 * @param read - reads the page that comes after, the first one unless given
 * @param most - entries that are enough
 */
export async function readEveryPage<T>(
  read: (after: string | undefined) => Promise<Page<T>>,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly T[]> {
  const entries: T[] = [];
  let after: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const { entries: further, next } = await read(after);
    entries.push(...further);
    if (entries.length >= most) return entries.slice(0, most);
    if (next === undefined) return entries;
    if (next === after) break;
    after = next;
  }
  throw new CommandError('The server hands out pages without end.');
}
