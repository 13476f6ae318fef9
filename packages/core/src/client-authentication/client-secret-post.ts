import { assertKnownOptions } from '../known-options.ts';
import type { ClientAuthentication } from './client-authentication.ts';
import { assertClientSecret, readNotedSecret, type ClientSecret } from './client-secret.ts';
import { revisionOf } from './credential-revision.ts';
import { formEncode } from './form-encoding.ts';

/** Options of {@link clientSecretPost}. */
export interface ClientSecretPostOptions {
  /** The secret, or a function that reads it at every token request. */
  readonly clientSecret: ClientSecret;
}

/**
 * Authenticates with a secret in the form body, for servers that do not take it in the header.
 *
 * @throws TypeError for a secret that is missing, empty or ends in a line break
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 | RFC 6749 §2.3.1}
 */
export function clientSecretPost(options: ClientSecretPostOptions): ClientAuthentication {
  assertKnownOptions(options, ['clientSecret'], 'clientSecretPost');
  const { clientSecret } = options;
  assertClientSecret(clientSecret);
  return {
    method: 'client_secret_post',
    async authenticate(request, { clientId }) {
      const secret = await readNotedSecret(request, clientSecret);
      request.conceal(secret);
      request.conceal(formEncode(secret));
      request.parameters.set('client_id', clientId);
      request.parameters.set('client_secret', secret);
    },
    ...(typeof clientSecret === 'function' ? { revision: () => revisionOf(clientSecret) } : {}),
  };
}
