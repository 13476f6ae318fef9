import { printable, type Fetch } from '@mcp-m2m/core';
import { createJwtVerifier, decodeJwt, type JwtVerifier } from '@mcp-m2m/core/server';

import type { Database } from '../store/database.ts';
import { readIssuers, readRules } from '../store/trust-store.ts';
import { CLOCK_TOLERANCE_SECONDS } from '../provider/assertion-checks.ts';
import { judgeIdentityClaims } from './identity-claims.ts';
import { judgeRule, type RuleJudgement } from './judge-rule.ts';
import type { TrustedIssuer } from './trusted-issuer.ts';
import { rejectedToken, unacceptable, type UnacceptableToken } from './unacceptable-token.ts';

/** A token of a trusted issuer that was accepted. */
export interface AcceptedToken {
  readonly accepted: true;
  readonly issuer: TrustedIssuer;
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  /** Every rule of the issuer, fulfilled or not; none for an ID-JAG. */
  readonly rules: readonly RuleJudgement[];
}

/** Judges a JWT by the trust there is. Uses nothing up. */
export type JudgeTrustedToken = (token: string) => Promise<AcceptedToken | UnacceptableToken>;

/** What tokens of trusted issuers are judged by. */
export interface TrustJudgeRules {
  readonly database: Database;
  /** This authorization server's identifier: the audience. */
  readonly issuer: string;
  /** Fetches metadata and keys of issuers. */
  readonly fetch: Fetch;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/** `typ` of an identity assertion authorization grant. */
export const ID_JAG_TYPE = 'oauth-id-jag+jwt';
/** Types of tokens of workloads; one that says it is something else is not taken for one. */
const WORKLOAD_TYPES: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'jose']);
const MAX_LIFETIME_SECONDS = 86_400;
const MAX_VERIFIERS = 200;

/** The type of a JWT, in lower case and without `application/`. */
export function typeOf(header: Readonly<Record<string, unknown>>): unknown {
  const { typ } = header;
  return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
}

/**
 * Makes the judge of tokens of trusted issuers: form, issuer, type, signature, times, and then either the rules
 * that map a workload to a client, or what an ID-JAG has to say.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 | RFC 7523 §3}
 */
export function createTrustJudge(rules: TrustJudgeRules): JudgeTrustedToken {
  const { database, now } = rules;
  const verifierOf = createVerifiers(rules);

  return async (token) => {
    const decoded = decodeJwt(token);
    if (!decoded.accepted) return rejectedToken(decoded, undefined);
    const { iss } = decoded.claims;
    const [issuer] = typeof iss === 'string' ? await readIssuers(database.db, { issuer: iss }) : [];
    if (issuer === undefined) {
      return unacceptable('issuer', 'assertion_issuer_unknown', '"iss": a trusted issuer', printable(iss), {
        description: 'the issuer of the assertion is not trusted by this authorization server',
      });
    }
    const type = typeOf(decoded.header);
    const fitting = issuer.kind === 'id-jag' ? type === ID_JAG_TYPE : WORKLOAD_TYPES.has(type);
    if (!fitting) {
      const expected = issuer.kind === 'id-jag' ? `"typ": "${ID_JAG_TYPE}"` : '"typ": "JWT", or none';
      return unacceptable('type', 'assertion_type_not_allowed', expected, printable(decoded.header['typ']), {
        issuer,
        description: 'the typ of the assertion is not one that its issuer is trusted for',
      });
    }
    const verified = await verifierOf(issuer).verify(token);
    if (!verified.accepted) return rejectedToken(verified, issuer);
    const { header, claims } = verified;
    const left = Number(claims['exp']) - now() / 1000;
    if (left > MAX_LIFETIME_SECONDS + CLOCK_TOLERANCE_SECONDS) {
      return unacceptable(
        'times',
        'assertion_lifetime_too_long',
        '"exp" within a day',
        `${Math.floor(left)} seconds from now`,
        {
          issuer,
          description: 'the assertion must expire within a day',
        },
      );
    }
    const wrong = issuer.kind === 'id-jag' ? judgeIdentityClaims(claims, rules.issuer) : judgeSubject(claims);
    if (wrong !== undefined) return { ...wrong, issuer };
    if (issuer.kind === 'id-jag') return { accepted: true, issuer, header, claims, rules: [] };
    return await judgeByRules(issuer, header, claims);
  };

  async function judgeByRules(
    issuer: TrustedIssuer,
    header: AcceptedToken['header'],
    claims: AcceptedToken['claims'],
  ): Promise<AcceptedToken | UnacceptableToken> {
    const stored = await readRules(database.db, { issuerId: issuer.id });
    const judged = stored.map((rule) => judgeRule(rule, claims, rules.issuer));
    if (judged.some(({ fulfilled }) => fulfilled))
      return { accepted: true, issuer, header, claims, rules: judged };
    const audiences = new Set(stored.map(({ audience }) => audience ?? rules.issuer));
    if (stored.length > 0 && judged.every(({ audience }) => !audience.met)) {
      return unacceptable(
        'audience',
        'assertion_audience_not_issuer',
        `"aud": ${[...audiences].map(printable).join(' or ')} alone`,
        printable(claims['aud']),
        {
          issuer,
          rules: judged,
          ...(audiences.size === 1 && audiences.has(rules.issuer)
            ? {
                description: `the aud of the assertion must be the issuer, '${rules.issuer}', and nothing else`,
              }
            : {}),
        },
      );
    }
    // Of several rules the one that lacks least is the one that was meant.
    const closest = judged
      .filter(({ audience }) => audience.met)
      .toSorted((one, other) => one.unmet.length - other.unmet.length)[0];
    const [unmet] = closest?.unmet ?? [];
    return unacceptable(
      'rules',
      'trust_rule_not_matched',
      unmet === undefined ? 'a rule for this issuer' : `"${unmet.claim}": ${unmet.expected}`,
      unmet === undefined ? 'none is there' : unmet.received,
      { issuer, rules: judged },
    );
  }
}

function createVerifiers({ fetch, now }: TrustJudgeRules): (issuer: TrustedIssuer) => JwtVerifier {
  const verifiers = new Map<string, { readonly revision: string; readonly verifier: JwtVerifier }>();
  return ({ id, issuer, jwksUri, jwks, revision }) => {
    const known = verifiers.get(id);
    if (known?.revision === revision) return known.verifier;
    const verifier = createJwtVerifier({
      issuer,
      jwksUri,
      jwks,
      fetch,
      now,
      clockToleranceSeconds: CLOCK_TOLERANCE_SECONDS,
    });
    verifiers.delete(id);
    verifiers.set(id, { revision, verifier });
    if (verifiers.size > MAX_VERIFIERS) verifiers.delete(verifiers.keys().next().value as string);
    return verifier;
  };
}

function judgeSubject({ sub }: AcceptedToken['claims']): UnacceptableToken | undefined {
  if (typeof sub === 'string' && sub !== '') return undefined;
  return unacceptable('claims', 'assertion_claim_missing', '"sub": a text', printable(sub), {
    description: 'the assertion must have a sub',
  });
}
