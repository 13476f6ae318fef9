import type { AdminSchemas } from '../api/calls.ts';

export type Condition = AdminSchemas['TrustCondition'];

/** A condition in words. */
export function sayCondition(condition: Condition): string {
  const claim = [condition.claim].flat().join(WAY);
  if ('equals' in condition) return `${claim} is ${JSON.stringify(condition.equals)}`;
  if ('oneOf' in condition)
    return `${claim} is one of ${condition.oneOf.map((one) => JSON.stringify(one)).join(', ')}`;
  return `${claim} looks like ${condition.matches}`;
}

/** Between the names on the way to a claim within claims. */
const WAY = ' › ';

/**
 * Conditions as they are typed, one a line: `sub = system:serviceaccount:ci:deployer`, where `*` makes a pattern of the
 * value; `environment in staging, production`; `kubernetes.io › namespace = ci` for a claim within claims.
 */
export function readConditions(text: string): Condition[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, several = '', list = ''] = /^([^=]+?)\s+in\s+(.+)$/.exec(line) ?? [];
      if (several !== '')
        return { claim: readClaim(several), oneOf: list.split(',').map((one) => one.trim()) };
      const [, name = line, value = ''] = /^([^=]+?)\s*=\s*(.*)$/.exec(line) ?? [];
      const claim = readClaim(name);
      return value.includes('*') ? { claim, matches: value } : { claim, equals: value };
    });
}

/** Conditions as {@link readConditions} reads them. */
export function writeConditions(conditions: readonly Condition[]): string {
  return conditions
    .map((condition) => {
      const claim = [condition.claim].flat().join(WAY);
      if ('oneOf' in condition) return `${claim} in ${condition.oneOf.join(', ')}`;
      return `${claim} = ${'matches' in condition ? condition.matches : String(condition.equals)}`;
    })
    .join('\n');
}

function readClaim(text: string): string | string[] {
  const names = text.split(WAY.trim()).map((name) => name.trim());
  return names.length === 1 ? (names[0] ?? '') : names;
}
