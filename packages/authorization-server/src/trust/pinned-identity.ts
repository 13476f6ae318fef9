import { literalParts } from './claim-pattern.ts';
import { nameOfClaim, type TrustCondition } from './trust-condition.ts';

/**
 * Claims that say who somebody is. Others say what they are doing (`ref`, `environment`), which anybody of the
 * same issuer can do too.
 */
const IDENTIFYING_CLAIMS: ReadonlySet<string> = new Set([
  'sub',
  // GitHub Actions
  'repository',
  'repository_id',
  'repository_owner',
  'repository_owner_id',
  // GitLab
  'project_path',
  'project_id',
  'namespace_path',
  'namespace_id',
  // Google, Entra ID
  'email',
  'azp',
  'appid',
  'oid',
  // Kubernetes
  'kubernetes.io → namespace',
]);

/** How many parts of a subject name its owner, by how the subject begins; elsewhere it is two. */
const OWNER_PARTS: readonly (readonly [beginning: string, parts: number])[] = [
  ['repo:', 2],
  ['project_path:', 2],
  ['system:serviceaccount:', 3],
  // The trust domain, and two parts of the path.
  ['spiffe://', 6],
  // arn, partition, service, region, account, kind of resource, its name
  ['arn:', 7],
];

/**
 * Issuers whose owners shape the subject of their tokens themselves, and by what a subject begins that names its
 * owner all the same. Anybody can have a token with the subject `environment:production` of GitHub.
 */
const OWNERS_OF_SUBJECTS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'https://token.actions.githubusercontent.com',
    ['repo:', 'repository:', 'repository_id:', 'repository_owner:', 'repository_owner_id:'],
  ],
  ['https://gitlab.com', ['project_path:']],
]);

/** Tells whether a condition by itself is fulfilled by one owner's tokens only. */
export function pinsIdentity(condition: TrustCondition, issuer: string): boolean {
  const name = nameOfClaim(condition.claim);
  if (!IDENTIFYING_CLAIMS.has(name)) return false;
  const beginnings = name === 'sub' ? OWNERS_OF_SUBJECTS.get(issuer) : undefined;
  if (
    beginnings !== undefined &&
    !textsOf(condition).every((text) => beginnings.some((beginning) => text.startsWith(beginning)))
  )
    return false;
  if (!('matches' in condition) || !condition.matches.includes('*')) return true;
  const { matches } = condition;
  const needed = OWNER_PARTS.find(([beginning]) => matches.startsWith(beginning))?.[1] ?? 2;
  return literalParts(matches).length >= needed;
}

function textsOf(condition: TrustCondition): readonly string[] {
  if ('equals' in condition) return [String(condition.equals)];
  return 'oneOf' in condition ? condition.oneOf : [condition.matches];
}

/**
 * Refuses conditions that everybody of an issuer could fulfil: all repositories of a forge, all workloads of a
 * cluster.
 *
 * @throws TypeError saying what is missing
 */
export function assertPinned(conditions: readonly TrustCondition[], issuer: string): void {
  if (conditions.some((condition) => pinsIdentity(condition, issuer))) return;
  throw new TypeError(
    `conditions must pin who the workload is, or everybody who gets tokens of ${issuer} could be accepted: add a condition on "sub", or on another claim that names the owner (${[...IDENTIFYING_CLAIMS].slice(1, 5).join(', ')}, …), with equals, oneOf, or a pattern whose owner is written out, such as "repo:octo-org/*:ref:refs/heads/main".`,
  );
}
