import type { DiagnosisStep, Finding } from './diagnosis.ts';
import type { FindingCode } from './finding-code.ts';
import { providerOf } from './provider.ts';
import type { Walk } from './walk.ts';

/**
 * The finding that explains a walk best: what fails first, or what was seen before and is its cause; where nothing
 * fails, the first warning.
 */
export function chooseVerdict(steps: readonly DiagnosisStep[], walk: Walk): Finding | undefined {
  const findings = steps.flatMap((step) => step.findings);
  const failed = findings.find(({ severity }) => severity === 'failure');
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  if (failed === undefined) return warnings.find(({ code }) => !isAnswered(code, walk));
  // The server only says that it does not want the token; what is wrong with it was seen before.
  const causes = CAUSES.get(failed.code) ?? [];
  return warnings.find(({ code }) => causes.includes(code)) ?? failed;
}

/** These providers never write the URL of a server into a token: one that takes it was set up for that. */
function isAnswered(code: FindingCode, walk: Walk): boolean {
  return AUDIENCES.has(code) && walk.tools !== undefined && providerOf(walk) !== undefined;
}

const AUDIENCES: ReadonlySet<FindingCode> = new Set(['audience_missing', 'audience_differs'] as const);

const OF_TOKENS: readonly FindingCode[] = [
  'signature_invalid',
  'signing_key_unknown',
  'token_opaque',
  'token_issuer_differs',
  'token_issuer_trailing_slash',
  'audience_missing',
  'audience_differs',
  'audience_trailing_slash',
  'token_expired',
  'token_expiry_invalid',
  'token_not_yet_valid',
  'binding_ignored',
  'clock_skew',
];

/** Findings that have their cause in an earlier one, by what may be that cause. */
const CAUSES: ReadonlyMap<FindingCode, readonly FindingCode[]> = new Map<FindingCode, readonly FindingCode[]>(
  [
    ['token_refused', OF_TOKENS],
    // Not every server says that it has seen a token which it does not like.
    ['authorization_header_lost', OF_TOKENS],
    ['proof_refused', ['binding_ignored', 'clock_skew']],
    ['resource_metadata_missing', ['challenge_of_another_scheme']],
  ],
);
