/**
 * Lengthens a list of ids to the next power of two by repeating the last one, which changes nothing in an SQL
 * `in`: so there are few statements of different length, and all of them stay prepared.
 */
export function padList(ids: readonly string[]): readonly string[] {
  const last = ids.at(-1);
  if (last === undefined) return ids;
  const length = 2 ** Math.ceil(Math.log2(ids.length));
  return [...ids, ...Array.from({ length: length - ids.length }, () => last)];
}
