import { BodyTooLargeError, readBoundedBody } from '../../bounded-body.ts';
import { withoutSecrets } from '../../document-error.ts';
import { kindOf } from '../../printable-text.ts';
import { DpopError } from './dpop-error.ts';

/** The answer of a token endpoint, read and still readable. */
export interface TokenAnswer {
  readonly response: Response;
  /** Its JSON object, if it is one. */
  readonly document: Readonly<Record<string, unknown>> | undefined;
}

/** A token that came in an answer. */
export interface IssuedToken {
  readonly accessToken: string;
  readonly bound: boolean;
}

const MAX_BODY_BYTES = 65_536;
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Reads an answer of at most 65,536 bytes, and builds it anew for whoever asked.
 *
 * @throws DpopError `token_response_too_large`, and whatever the body's stream fails with
 */
export async function readTokenAnswer(url: string, response: Response): Promise<TokenAnswer> {
  const { status, statusText, headers } = response;
  if ((!response.ok && status !== 400) || WITHOUT_BODY.has(status)) return { response, document: undefined };
  const bytes = await readBoundedBody(response, MAX_BODY_BYTES).catch((error: unknown) => {
    if (!(error instanceof BodyTooLargeError)) throw error;
    throw new DpopError('token_response_too_large', {
      server: withoutSecrets(url),
      expected: `at most ${MAX_BODY_BYTES} bytes`,
      received: 'more',
    });
  });
  const copy = new Response(Uint8Array.from(bytes), { status, statusText, headers });
  return { response: Object.defineProperty(copy, 'url', { value: response.url }), document: parse(bytes) };
}

/**
 * Reads the token out of a successful answer; `undefined` where there is no access token in it. That includes the
 * assertions that a token exchange gives in its place.
 *
 * @param requireBound - whether a token of any other type than DPoP is refused
 * @throws DpopError `token_not_bound`
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-5 | RFC 9449 §5},
 *   {@link https://www.rfc-editor.org/rfc/rfc8693#section-2.2.1 | RFC 8693 §2.2.1} (`N_A`)
 */
export function readIssuedToken(
  url: string,
  { response, document }: TokenAnswer,
  requireBound: boolean,
): IssuedToken | undefined {
  if (!response.ok || document === undefined) return undefined;
  const { access_token: accessToken, token_type: type } = document;
  if (typeof accessToken !== 'string' || accessToken === '') return undefined;
  const name = typeof type === 'string' ? type.toLowerCase() : undefined;
  if (name === 'dpop') return { accessToken, bound: true };
  if (name === 'n_a') return undefined;
  if (!requireBound) return { accessToken, bound: false };
  throw new DpopError('token_not_bound', {
    server: withoutSecrets(url),
    expected: '"token_type": "DPoP"',
    // Nothing that the server wrote is shown: it may be the token.
    received: name === 'bearer' ? '"Bearer"' : name === undefined ? kindOf(type) : 'another type',
  });
}

/** As leniently as `response.json()` does: what the caller will understand has to be understood here. */
function parse(bytes: Uint8Array): TokenAnswer['document'] {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
