/** Freezes parsed JSON at every depth, because several requests share it. */
export function freezeDeep<T extends object>(value: T): T {
  for (const member of Object.values(value)) {
    if (typeof member === 'object' && member !== null) freezeDeep(member as object);
  }
  return Object.freeze(value);
}
