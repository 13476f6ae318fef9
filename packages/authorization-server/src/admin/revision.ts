import type { AdminContext } from './admin-environment.ts';
import { ProblemError } from './problem.ts';

/** A revision as an entity tag. */
export function entityTagOf(revision: string): string {
  return `"${revision}"`;
}

/**
 * The revision that `If-Match` names, as the option of a change.
 *
 * @throws ProblemError for another form
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1 | RFC 9110 §13.1.1}
 */
export function ifRevision(c: AdminContext): { readonly ifRevision?: string } {
  const header = c.req.header('if-match');
  if (header === undefined || header.trim() === '*') return {};
  const revision = /^\s*"([\x21\x23-\x7e]{1,200})"\s*$/.exec(header)?.[1];
  if (revision === undefined) {
    throw new ProblemError(
      400,
      'if_match_malformed',
      'If-Match must be one strong entity tag, as the ETag that was read.',
    );
  }
  return { ifRevision: revision };
}
