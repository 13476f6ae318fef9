import type { components } from './api-types.ts';
import { formatFacts } from './facts.ts';
import type { Column } from './table.ts';

export type Client = components['schemas']['Client'];
type Access = components['schemas']['ClientAccess'];

/** How clients stand in a list. */
export const listedClient: readonly Column<Client>[] = [
  { title: 'CLIENT', of: ({ clientId }) => clientId },
  { title: 'STATE', of: ({ state }) => state },
  { title: 'METHOD', of: ({ authentication }) => authentication.method },
  { title: 'LABEL', of: ({ label }) => label, shrinks: true },
  { title: 'ACCESS', of: ({ access }) => access.map(describeAccess).join('; '), shrinks: true },
  { title: 'LAST USED', of: ({ lastUsedAt }) => shortTime(lastUsedAt) ?? 'never' },
];

/** All there is to a client, for people. */
export function describeClient(client: Client): string {
  const { authentication } = client;
  const secrets = authentication.method === 'secret' ? authentication.secrets : [];
  const keys = authentication.method === 'private_key_jwt' ? authentication.keys : [];
  return formatFacts([
    ['client', client.clientId],
    ['label', client.label],
    ['owner', client.owner],
    ['description', client.description],
    ['state', client.state],
    ['method', authentication.method],
    ...secrets.map(
      ({ id, hint, state, expiresAt, lastUsedAt }) =>
        ['secret', `${id} ${hint} ${state}${untilOf(expiresAt)}, ${usedOf(lastUsedAt)}`] as const,
    ),
    ...keys.map(
      ({ id, state, expiresAt, lastUsedAt }) =>
        ['key', `${id} ${state}${untilOf(expiresAt)}, ${usedOf(lastUsedAt)}`] as const,
    ),
    ['keys at', client.jwksUri],
    ['grants', client.grantTypes.join(', ')],
    ...client.access.map((access) => ['access', describeAccess(access)] as const),
    ['default resource', client.defaultResource],
    ['token lifetime', client.tokenLifetimeSeconds && `${client.tokenLifetimeSeconds} s`],
    ['tokens bound by', client.senderConstraint],
    ['addresses', client.addresses?.join(', ')],
    ['expires', client.expiresAt],
    ['created', client.createdAt],
    ['changed', client.updatedAt],
    ['last used', client.lastUsedAt ?? 'never'],
    ['revision', client.revision],
  ]);
}

/** A time as it stands in a list, to the minute. */
export function shortTime(time: string | undefined): string | undefined {
  return time === undefined ? undefined : `${time.slice(0, 10)} ${time.slice(11, 16)}`;
}

function describeAccess({ resource, scopes }: Access): string {
  return `${resource} (${scopes.join(' ')})`;
}

function untilOf(expiresAt: string | undefined): string {
  return expiresAt === undefined ? '' : ` until ${expiresAt}`;
}

function usedOf(lastUsedAt: string | undefined): string {
  return lastUsedAt === undefined ? 'never used' : `last used ${lastUsedAt}`;
}
