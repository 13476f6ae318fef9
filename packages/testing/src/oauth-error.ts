import type { EndpointAnswer } from './endpoint-answer.ts';

/**
 * A refusal that an OAuth endpoint answers with.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 | RFC 6749 §5.2}
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly code: string;
  readonly status: number;

  constructor(code: string, description: string, status = code === 'invalid_client' ? 401 : 400) {
    super(description);
    this.code = code;
    this.status = status;
  }
}

export const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' };

/** Runs an OAuth endpoint, and turns the refusals it throws into answers. */
export async function answerOAuth(run: () => Promise<EndpointAnswer>): Promise<EndpointAnswer> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    return {
      status: error.status,
      headers: {
        ...NO_STORE,
        ...(error.status === 401 ? { 'www-authenticate': 'Basic realm="token"' } : {}),
      },
      json: { error: error.code, error_description: error.message },
    };
  }
}
