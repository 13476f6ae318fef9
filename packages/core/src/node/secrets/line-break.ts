/** Drops one line break at the end, as editors and `echo` leave it there. */
export function withoutLineBreak(text: string): string {
  return text.replace(/\r?\n$/, '');
}
