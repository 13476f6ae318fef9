import { assertKnownOptions } from '../known-options.ts';
import type { ClientAuthentication } from './client-authentication.ts';
import { assertClientSecret, readNotedSecret, type ClientSecret } from './client-secret.ts';
import { revisionOf } from './credential-revision.ts';
import { formEncode } from './form-encoding.ts';

/** Options of {@link clientSecretBasic}. */
export interface ClientSecretBasicOptions {
  /** The secret, or a function that reads it at every token request. */
  readonly clientSecret: ClientSecret;
}

/**
 * Authenticates with a secret in the `Authorization` header: id and secret are form-encoded one by one,
 * then joined and encoded in Base64.
 *
 * @throws TypeError for a secret that is missing, empty or ends in a line break
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 | RFC 6749 §2.3.1}
 */
export function clientSecretBasic(options: ClientSecretBasicOptions): ClientAuthentication {
  assertKnownOptions(options, ['clientSecret'], 'clientSecretBasic');
  const { clientSecret } = options;
  assertClientSecret(clientSecret);
  return {
    method: 'client_secret_basic',
    async authenticate(request, { clientId }) {
      const secret = await readNotedSecret(request, clientSecret);
      const encodedSecret = formEncode(secret);
      const credentials = btoa(`${formEncode(clientId)}:${encodedSecret}`);
      for (const value of [secret, encodedSecret, credentials]) request.conceal(value);
      request.headers.set('authorization', `Basic ${credentials}`);
    },
    ...(typeof clientSecret === 'function' ? { revision: () => revisionOf(clientSecret) } : {}),
  };
}
