import type { AdminSchemas } from '../api/calls.ts';

/** The header that refuses a change where somebody else was first. */
export function ifMatch({ revision }: AdminSchemas['Resource']): { 'if-match'?: string } {
  return revision === undefined ? {} : { 'if-match': `"${revision}"` };
}
