import type { ClientAccess } from './access.ts';

/**
 * Refuses a default resource that the client may not use.
 *
 * @throws TypeError naming the mend
 */
export function assertDefaultResource(
  defaultResource: string | null | undefined,
  access: readonly ClientAccess[],
): void {
  if (defaultResource === undefined || defaultResource === null) return;
  if (access.some(({ resource }) => resource === defaultResource)) return;
  throw new TypeError(
    `defaultResource: ${defaultResource} is not part of the client's access; add it there, or set another default.`,
  );
}
