import type { components } from './api-types.ts';
import { formatFacts } from './facts.ts';
import type { Column } from './table.ts';

export type Resource = components['schemas']['Resource'];

/** How resources stand in a list. */
export const listedResource: readonly Column<Resource>[] = [
  { title: 'RESOURCE', of: ({ resource }) => resource },
  { title: 'SOURCE', of: ({ source }) => source },
  { title: 'LABEL', of: ({ label }) => label, shrinks: true },
  { title: 'SCOPES', of: ({ scopes }) => scopes.join(' '), shrinks: true },
  { title: 'TOOLS', of: ({ tools }) => (tools === undefined ? undefined : String(tools.length)) },
];

/** All there is to a resource, for people. */
export function describeResource(resource: Resource): string {
  return formatFacts([
    ['resource', resource.resource],
    ['label', resource.label],
    ['source', resource.source],
    ['scopes', resource.scopes.join(' ')],
    ...(resource.tools ?? []).map(({ name, scopes }) => ['tool', `${name} (${scopes.join(' ')})`] as const),
    ['created', resource.createdAt],
    ['changed', resource.updatedAt],
    ['revision', resource.revision],
  ]);
}
