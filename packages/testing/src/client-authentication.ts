import { timingSafeEqual } from 'node:crypto';
import { verifyClientAssertion, type AssertionContext } from './client-assertion.ts';
import type { TestClient } from './client-registry.ts';
import { OAuthError } from './oauth-error.ts';
import type { RecordedRequest } from './recorded-request.ts';

/**
 * Authenticates the client of a form request by exactly one of `client_secret_basic` (form-decoded),
 * `client_secret_post` and `private_key_jwt`.
 *
 * @throws OAuthError `invalid_client`, or `invalid_request` when several methods are used at once
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 | RFC 6749 §2.3.1}
 */
export async function authenticateClient(
  request: RecordedRequest,
  form: URLSearchParams,
  context: AssertionContext,
): Promise<TestClient> {
  const authorization = request.headers.authorization;
  const methods = [authorization !== undefined, form.has('client_secret'), form.has('client_assertion')];
  if (methods.filter(Boolean).length > 1) {
    throw new OAuthError('invalid_request', 'Use one client authentication method only.');
  }
  if (form.has('client_assertion')) return verifyClientAssertion(form, context);
  const [clientId, secret] =
    authorization === undefined
      ? [form.get('client_id') ?? '', form.get('client_secret')]
      : decodeBasic(authorization);
  if (authorization !== undefined && form.has('client_id') && form.get('client_id') !== clientId) {
    throw new OAuthError('invalid_request', 'client_id differs from the Authorization header.');
  }
  const client = context.clients.get(clientId);
  if (client?.secret === undefined || secret === null || !isEqual(client.secret, secret)) {
    throw new OAuthError('invalid_client', 'Unknown client, or wrong secret.');
  }
  return client;
}

function decodeBasic(authorization: string): [clientId: string, secret: string] {
  const encoded = /^basic +([A-Za-z0-9+/=]+)$/i.exec(authorization)?.[1];
  const pair = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 0)
    throw new OAuthError('invalid_client', 'The Authorization header is not a Basic credential.');
  try {
    return [decodeFormComponent(pair.slice(0, colon)), decodeFormComponent(pair.slice(colon + 1))];
  } catch {
    throw new OAuthError('invalid_client', 'The Basic credential is not form-encoded.');
  }
}

function decodeFormComponent(value: string): string {
  return decodeURIComponent(value.replaceAll('+', ' '));
}

function isEqual(expected: string, actual: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(actual)];
  return a.byteLength === b.byteLength && timingSafeEqual(a, b);
}
