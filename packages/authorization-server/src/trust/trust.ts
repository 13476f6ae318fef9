import type { Administrator } from '../administrator.ts';
import { createTrustAdministration, type TrustAdministrationDependencies } from './trust-administration.ts';
import { createDryRun, type DryRunOptions, type DryRunResult } from './dry-run.ts';
import type { JudgeTrustedToken } from './judge-trusted-token.ts';
import type { TrustRule, TrustRuleChanges, TrustRuleOptions } from './trust-rule.ts';
import {
  fillTrustTemplate,
  TRUST_TEMPLATES,
  type FilledTrustTemplate,
  type TrustTemplate,
} from './trust-templates.ts';
import type { TrustedIssuer, TrustedIssuerChanges, TrustedIssuerOptions } from './trusted-issuer.ts';
import type { TrustRuleFilter } from '../store/trust-store.ts';

/** The issuers whose JWTs are accepted. A change takes effect on the next token request on every instance. */
export interface TrustedIssuers {
  /**
   * Trusts an issuer. Contacts nobody.
   *
   * @throws TypeError when an option is wrong
   * @throws AuthorizationServerError `trusted_issuer_exists`
   */
  create(options: TrustedIssuerOptions, by?: Administrator): Promise<TrustedIssuer>;
  get(id: string): Promise<TrustedIssuer | undefined>;
  list(): Promise<readonly TrustedIssuer[]>;
  /**
   * Changes where its keys are, its label, or how often its JWTs may be used.
   *
   * @throws TypeError when a change is wrong
   * @throws AuthorizationServerError `not_found` or `revision_mismatch`
   */
  update(id: string, changes: TrustedIssuerChanges, by?: Administrator): Promise<TrustedIssuer>;
  /**
   * Ends the trust, and deletes its rules. Tokens that were issued stay valid until they expire.
   *
   * @returns whether there was such an issuer
   * @throws AuthorizationServerError `revision_mismatch`
   */
  delete(
    id: string,
    options?: { readonly ifRevision?: string | undefined },
    by?: Administrator,
  ): Promise<boolean>;
}

/** The rules by which tokens of trusted issuers stand for clients. */
export interface TrustRules {
  /**
   * Lets certain tokens of an issuer stand for a client.
   *
   * @throws TypeError when an option is wrong, or no condition pins who the workload is
   * @throws AuthorizationServerError `not_found` for an unknown issuer or client
   */
  create(options: TrustRuleOptions, by?: Administrator): Promise<TrustRule>;
  get(id: string): Promise<TrustRule | undefined>;
  list(filter?: TrustRuleFilter): Promise<readonly TrustRule[]>;
  /**
   * @throws TypeError when a change is wrong, or no condition pins who the workload is
   * @throws AuthorizationServerError `not_found` or `revision_mismatch`
   */
  update(id: string, changes: TrustRuleChanges, by?: Administrator): Promise<TrustRule>;
  /**
   * @returns whether there was such a rule
   * @throws AuthorizationServerError `revision_mismatch`
   */
  delete(
    id: string,
    options?: { readonly ifRevision?: string | undefined },
    by?: Administrator,
  ): Promise<boolean>;
}

/** Whom this server takes somebody else's JWTs from, and whom they stand for. */
export interface Trust {
  readonly issuers: TrustedIssuers;
  readonly rules: TrustRules;
  readonly templates: readonly TrustTemplate[];
  /**
   * Fills in a template: what `issuers.create` and `rules.create` are to be called with.
   *
   * @throws TypeError for an unknown template, or a value that is missing
   */
  fillTemplate(name: string, values: Readonly<Record<string, string>>): FilledTrustTemplate;
  /**
   * Says step by step how a token would be judged. Issues nothing, uses nothing up, and keeps no token.
   *
   * @throws TypeError when the token is not a text
   */
  dryRun(options: DryRunOptions): Promise<DryRunResult>;
}

/** Makes the administrative interface to trust. */
export function createTrust(dependencies: TrustAdministrationDependencies, judge: JudgeTrustedToken): Trust {
  return {
    ...createTrustAdministration(dependencies),
    templates: TRUST_TEMPLATES,
    fillTemplate: fillTrustTemplate,
    dryRun: createDryRun(judge),
  };
}
