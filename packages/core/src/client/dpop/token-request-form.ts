/** A request for a token that can be sent again. */
export interface TokenRequestForm {
  /** The form, where it had to be read out of a `Request`, which can be sent only once. */
  readonly body: string | undefined;
}

const FORM = /^application\/x-www-form-urlencoded\s*(?:;|$)/i;

/**
 * Recognises a request for a token: a form with `grant_type` that is posted.
 *
 * A form that comes as a stream is not looked into, and so not recognised.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.2 | RFC 6749 §3.2}
 */
export async function readTokenRequest(
  input: string | URL | Request,
  init: RequestInit | undefined,
  headers: Headers,
): Promise<TokenRequestForm | undefined> {
  const body: unknown = init?.body ?? undefined;
  const type = headers.get('content-type');
  if (body instanceof URLSearchParams) {
    return (type === null || FORM.test(type)) && body.has('grant_type') ? { body: undefined } : undefined;
  }
  if (type === null || !FORM.test(type)) return undefined;
  if (body === undefined) {
    if (!(input instanceof Request) || input.body === null || input.bodyUsed) return undefined;
    const text = await input.clone().text();
    return asksForToken(text) ? { body: text } : undefined;
  }
  const text = typeof body === 'string' ? body : readBytes(body);
  return text !== undefined && asksForToken(text) ? { body: undefined } : undefined;
}

function asksForToken(form: string): boolean {
  return new URLSearchParams(form).has('grant_type');
}

function readBytes(body: unknown): string | undefined {
  return body instanceof ArrayBuffer || ArrayBuffer.isView(body)
    ? new TextDecoder().decode(body as ArrayBuffer)
    : undefined;
}
