import { parseRetryAfter } from '../../retry-after.ts';
import type { ProviderProfile, ProviderRefusal } from '../providers/provider-profile.ts';
import { recognizeProvider } from '../providers/recognize-provider.ts';
import type { TokenAcquisitionErrorCode, TokenAcquisitionErrorDetails } from '../token-acquisition-error.ts';
import { hintFor } from '../token-acquisition-hint.ts';
import { describeClockSkew } from './clock-skew.ts';
import type { Concealment } from './concealed-text.ts';
import type { TokenEndpointAnswer } from './token-request.ts';

const STANDARD_CODES: ReadonlySet<string> = new Set<TokenAcquisitionErrorCode>([
  'invalid_client',
  'invalid_dpop_proof',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'unauthorized_client',
  'unsupported_grant_type',
  'use_dpop_nonce',
]);

const TEMPORARY_CODES: ReadonlySet<string> = new Set([
  'server_error',
  'slow_down',
  'temporarily_unavailable',
]);

/** How the refusal of something signed may read; Keycloak and Entra ID do not stay with the first two. */
const SIGNATURE_ERRORS: ReadonlySet<string> = new Set([
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'unauthorized_client',
]);

/** Refusals of a proof of possession, whatever their status: another credential would not help. */
const PROOF_ERRORS: ReadonlySet<string> = new Set(['invalid_dpop_proof', 'use_dpop_nonce']);

/** What was asked, and of whom: the more of it is told, the better the hint. */
export interface RefusedRequest {
  readonly resource: string;
  readonly server: string;
  /** When the request was sent, in milliseconds since the epoch. */
  readonly requestedAt: number;
  /** When the answer was there, likewise; without it nobody sees that the clock here is behind. */
  readonly receivedAt?: number | undefined;
  /** How the client authenticated, as the registered name. */
  readonly method?: string | undefined;
  /** Whether the grant is an assertion, as for jwt-bearer; a client assertion is known by `method`. */
  readonly assertionGrant?: boolean | undefined;
  /** Whether anything was presented beside the client's own credential: then `invalid_grant` is about that. */
  readonly presentedMore?: boolean | undefined;
  /** The authorization server, to recognise it by where no profile is in use. */
  readonly issuer?: string | undefined;
  readonly profile?: Pick<ProviderProfile, 'hintFor'> | undefined;
}

/**
 * Reads why a token endpoint gave no token, as the arguments of the error to throw. The server's own words
 * are shown, never trusted: they are sanitised, bounded, and rid of what the request kept secret. They choose
 * among hints, and are no part of one.
 *
 * @param document - the answer's JSON object, where it is one
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 | RFC 6749 §5.2}
 */
export function readRefusal(
  answer: TokenEndpointAnswer,
  document: Readonly<Record<string, unknown>> | undefined,
  about: RefusedRequest,
  concealment: Concealment,
): [TokenAcquisitionErrorCode, TokenAcquisitionErrorDetails] {
  const { status, headers } = answer;
  const error = readText(document?.error);
  const description = readText(document?.error_description) || undefined;
  const code = codeOf(status, error);
  const refusal: ProviderRefusal = {
    status,
    error: error === undefined ? undefined : concealment.show(error, 60),
    description: description === undefined ? undefined : concealment.show(description, 300),
    method: about.method ?? '',
  };
  const credentialRefused = refusesCredential(code, refusal, about);
  const words = refusal.description === undefined ? '' : `: "${refusal.description}"`;
  return [
    code,
    {
      step: 'token_request',
      resource: about.resource,
      server: about.server,
      expected: 'a token',
      received: `status ${status}${refusal.error === undefined ? '' : `, error "${refusal.error}"${words}`}`,
      hint:
        code === 'unavailable'
          ? undefined
          : (adviseOn(credentialRefused ? 'invalid_client' : code, refusal, headers, about, concealment) ??
            (credentialRefused ? hintFor('invalid_client') : undefined)),
      credentialRefused,
      retryAfterSeconds: parseRetryAfter(headers.get('retry-after'), about.requestedAt),
    },
  ];
}

function adviseOn(
  code: TokenAcquisitionErrorCode,
  refusal: ProviderRefusal,
  headers: Headers,
  about: RefusedRequest,
  concealment: Concealment,
): string | undefined {
  const advice = adviceOfProvider(refusal, about, concealment);
  const skew = mayBeOfWrongTime(code, refusal, about)
    ? describeClockSkew(headers.get('date'), about.requestedAt, about.receivedAt ?? Number.NaN)
    : undefined;
  return skew === undefined ? advice : `${skew} ${advice ?? hintFor(code)}`;
}

function adviceOfProvider(
  refusal: ProviderRefusal,
  { issuer, profile }: RefusedRequest,
  concealment: Concealment,
): string | undefined {
  const provider = profile ?? (issuer === undefined ? undefined : recognizeProvider(issuer));
  try {
    const advice: unknown = provider?.hintFor(refusal);
    // A profile of the user's own may quote the refusal.
    return typeof advice === 'string' && advice !== '' ? concealment.show(advice, 600) : undefined;
  } catch {
    return undefined;
  }
}

function mayBeOfWrongTime(
  code: TokenAcquisitionErrorCode,
  { error = '' }: ProviderRefusal,
  about: RefusedRequest,
): boolean {
  if (error === 'invalid_dpop_proof') return true;
  const signed = about.assertionGrant === true || about.method?.endsWith('_jwt') === true;
  return signed && (code === 'invalid_client' || SIGNATURE_ERRORS.has(error));
}

/** RFC 6749 §5.2 has `invalid_client` for it, and status 401. Keycloak and Auth0 have the status, and other codes. */
function refusesCredential(
  code: TokenAcquisitionErrorCode,
  { status, error = '' }: ProviderRefusal,
  { presentedMore }: RefusedRequest,
): boolean {
  if (code === 'invalid_client') return true;
  if (status !== 401 || code === 'unavailable' || PROOF_ERRORS.has(error)) return false;
  return error !== 'invalid_grant' || presentedMore !== true;
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function codeOf(status: number, error: string | undefined): TokenAcquisitionErrorCode {
  if (status === 429 || status >= 500) return 'unavailable';
  if (error !== undefined && TEMPORARY_CODES.has(error)) return 'unavailable';
  if (error !== undefined && STANDARD_CODES.has(error)) return error as TokenAcquisitionErrorCode;
  return 'token_request_refused';
}
