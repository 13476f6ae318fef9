import { parseRetryAfter } from '../../retry-after.ts';
import type { Concealment } from './concealed-text.ts';
import type { TokenAcquisitionErrorCode, TokenAcquisitionErrorDetails } from '../token-acquisition-error.ts';
import type { TokenEndpointAnswer } from './token-request.ts';

const STANDARD_CODES: ReadonlySet<string> = new Set<TokenAcquisitionErrorCode>([
  'invalid_client',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'unauthorized_client',
  'unsupported_grant_type',
]);

const TEMPORARY_CODES: ReadonlySet<string> = new Set([
  'server_error',
  'slow_down',
  'temporarily_unavailable',
]);

/**
 * Reads why a token endpoint gave no token, as the arguments of the error to throw. The server's own words
 * are shown, never trusted: they are sanitised, bounded, and rid of what the request kept secret.
 *
 * @param document - the answer's JSON object, where it is one
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 | RFC 6749 §5.2}
 */
export function readRefusal(
  answer: TokenEndpointAnswer,
  document: Readonly<Record<string, unknown>> | undefined,
  about: { readonly resource: string; readonly server: string; readonly requestedAt: number },
  concealment: Concealment,
): [TokenAcquisitionErrorCode, TokenAcquisitionErrorDetails] {
  const { status, headers } = answer;
  const error = typeof document?.error === 'string' ? document.error : undefined;
  const description = document?.error_description;
  const words =
    typeof description === 'string' && description !== '' ? `: "${concealment.show(description, 300)}"` : '';
  return [
    codeOf(status, error),
    {
      step: 'token_request',
      resource: about.resource,
      server: about.server,
      expected: 'a token',
      received: `status ${status}${error === undefined ? '' : `, error "${concealment.show(error, 60)}"${words}`}`,
      retryAfterSeconds: parseRetryAfter(headers.get('retry-after'), about.requestedAt),
    },
  ];
}

function codeOf(status: number, error: string | undefined): TokenAcquisitionErrorCode {
  if (status === 429 || status >= 500) return 'unavailable';
  if (error !== undefined && TEMPORARY_CODES.has(error)) return 'unavailable';
  if (error !== undefined && STANDARD_CODES.has(error)) return error as TokenAcquisitionErrorCode;
  return 'token_request_refused';
}
