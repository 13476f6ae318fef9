import { assertKnownOptions, printable } from '@mcp-m2m/core';

import { matchesPattern } from './claim-pattern.ts';

/** The name of a claim, or the names that lead to one inside another: `['kubernetes.io', 'namespace']`. */
export type ClaimName = string | readonly string[];

/**
 * A condition on one claim of a token; exactly one of `equals`, `oneOf` and `matches`.
 *
 * Texts are compared character by character. A claim that is missing, an array or an object fulfils none.
 */
export type TrustCondition =
  | { readonly claim: ClaimName; readonly equals: string | number | boolean }
  | { readonly claim: ClaimName; readonly oneOf: readonly string[] }
  /** Each `*` stands for one or more characters other than `/`, `:` and `@`. */
  | { readonly claim: ClaimName; readonly matches: string };

/** A condition that a token did not fulfil, for the operator. */
export interface UnmetCondition {
  readonly claim: string;
  readonly expected: string;
  readonly received: string;
}

/** Most conditions of one rule. */
const MAX_CONDITIONS = 20;
const MAX_VALUES = 100;
const MAX_TEXT = 1000;
const MAX_STARS = 5;

/**
 * Validates the conditions of a rule.
 *
 * @throws TypeError naming the condition and the mend
 */
export function parseConditions(value: unknown, option = 'conditions'): readonly TrustCondition[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_CONDITIONS) {
    throw new TypeError(
      `${option} must list 1 to ${MAX_CONDITIONS} conditions, such as [{ claim: "sub", equals: "system:serviceaccount:ci:deployer" }].`,
    );
  }
  return value.map((entry, index) => parseCondition(entry, `${option}[${index}]`));
}

function parseCondition(value: unknown, option: string): TrustCondition {
  assertKnownOptions(value, ['claim', 'equals', 'oneOf', 'matches'], option);
  const condition = value as { claim?: unknown; equals?: unknown; oneOf?: unknown; matches?: unknown };
  const claim = parseClaimName(condition.claim, `${option}.claim`);
  const given = (['equals', 'oneOf', 'matches'] as const).filter((name) => condition[name] !== undefined);
  if (given.length !== 1)
    throw new TypeError(`${option} must have exactly one of equals, oneOf and matches.`);
  const { equals, oneOf, matches } = condition;
  if (equals !== undefined) {
    if (typeof equals === 'boolean' || (typeof equals === 'number' && Number.isFinite(equals)))
      return { claim, equals };
    return { claim, equals: parseText(equals, `${option}.equals`) };
  }
  if (oneOf !== undefined) {
    if (!Array.isArray(oneOf) || oneOf.length === 0 || oneOf.length > MAX_VALUES) {
      throw new TypeError(`${option}.oneOf must list 1 to ${MAX_VALUES} texts.`);
    }
    return { claim, oneOf: oneOf.map((entry, index) => parseText(entry, `${option}.oneOf[${index}]`)) };
  }
  const pattern = parseText(matches, `${option}.matches`);
  if (pattern.includes('**') || pattern.split('*').length - 1 > MAX_STARS) {
    throw new TypeError(
      `${option}.matches must have at most ${MAX_STARS} "*", none beside another: each stands for one part between "/", ":" and "@".`,
    );
  }
  return { claim, matches: pattern };
}

function parseClaimName(value: unknown, option: string): ClaimName {
  const path: readonly unknown[] = Array.isArray(value) ? value : [value];
  const usable = path.length > 0 && path.length <= 5 && path.every((name) => isText(name, 200));
  if (!usable)
    throw new TypeError(`${option} must be the name of a claim, or an array of names that lead to it.`);
  return Array.isArray(value) ? path : (value as string);
}

function parseText(value: unknown, option: string): string {
  if (isText(value, MAX_TEXT)) return value;
  throw new TypeError(
    `${option} must be a text of 1 to ${MAX_TEXT} characters, received ${printable(value)}.`,
  );
}

function isText(value: unknown, max: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= max;
}

/** The name of a claim as one text. */
export function nameOfClaim(claim: ClaimName): string {
  return typeof claim === 'string' ? claim : claim.join(' → ');
}

/**
 * Judges a token's claims by one condition.
 *
 * @returns what was expected and received, or nothing when the condition is fulfilled
 */
export function findUnmet(
  condition: TrustCondition,
  claims: Readonly<Record<string, unknown>>,
): UnmetCondition | undefined {
  const value = readClaim(claims, condition.claim);
  return fulfils(condition, value)
    ? undefined
    : {
        claim: nameOfClaim(condition.claim),
        expected: describeExpected(condition),
        received: value === undefined ? 'nothing' : printable(value),
      };
}

function fulfils(condition: TrustCondition, value: unknown): boolean {
  if ('equals' in condition) return value === condition.equals;
  if (typeof value !== 'string') return false;
  return 'oneOf' in condition ? condition.oneOf.includes(value) : matchesPattern(condition.matches, value);
}

function describeExpected(condition: TrustCondition): string {
  if ('equals' in condition) return printable(condition.equals);
  return 'oneOf' in condition
    ? condition.oneOf.map((text) => printable(text)).join(' or ')
    : `what ${printable(condition.matches)} matches`;
}

function readClaim(claims: Readonly<Record<string, unknown>>, name: ClaimName): unknown {
  let value: unknown = claims;
  for (const step of typeof name === 'string' ? [name] : name) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, step))
      return undefined;
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  return value;
}
