/** The same address with its slash at the end added or removed: the two are often taken for one. */
export function withSlashToggled(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : `${url}/`;
}

/** Whether two addresses differ by a slash at the end alone. */
export function differBySlash(one: string, other: string): boolean {
  return one !== other && one === withSlashToggled(other);
}
