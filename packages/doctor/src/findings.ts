import type { Finding } from './diagnosis.ts';
import { linkOf, type FindingCode } from './finding-code.ts';

type Make = (code: FindingCode, message: string, fix: string) => Finding;

const make =
  (severity: Finding['severity']): Make =>
  (code, message, fix) => ({ code, severity, message, fix, link: linkOf(code) });

/** A client does not come past it. */
export const failure = make('failure');

/** A client comes past it, or may. */
export const warning = make('warning');

/** Good to know. */
export const note = make('note');

/** The finding that explains a walk best: what fails first, and of mere warnings the first. */
export function chooseVerdict(findings: readonly Finding[]): Finding | undefined {
  const failed = findings.find(({ severity }) => severity === 'failure');
  if (failed === undefined) return findings.find(({ severity }) => severity === 'warning');
  // The server only says that it does not want the token; what is wrong with it was seen before.
  const cause = CAUSES.get(failed.code);
  return findings.find(({ code }) => cause?.includes(code)) ?? failed;
}

const OF_TOKENS: readonly FindingCode[] = [
  'id_token',
  'token_unsigned',
  'signature_invalid',
  'signing_key_unknown',
  'token_issuer_differs',
  'audience_missing',
  'audience_differs',
  'token_expired',
  'token_not_yet_valid',
  'clock_skew',
];

/** Findings that have their cause in an earlier one, by what may be that cause. */
const CAUSES: ReadonlyMap<FindingCode, readonly FindingCode[]> = new Map<FindingCode, readonly FindingCode[]>(
  [
    ['token_refused', OF_TOKENS],
    ['request_refused', ['pkce_without_authorization_code']],
    ['assertion_refused', ['clock_skew']],
    ['credential_refused', ['clock_skew']],
    ['resource_metadata_missing', ['not_an_mcp_endpoint', 'challenge_of_another_scheme']],
  ],
);
