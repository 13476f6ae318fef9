import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { Provider } from 'oidc-provider';

/** An OpenID provider in which one person is signed in already. */
export interface OpenIdProvider extends AsyncDisposable {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Whom the provider knows, and what it says of them. */
  readonly person: { sub: string; name: string; roles: readonly string[] };
  /** Whether the person declines. */
  decline: boolean;
}

/**
 * Starts a certified provider, with nobody to ask.
 *
 * @param redirectUri - of the console
 */
export async function startOpenIdProvider(redirectUri: () => string): Promise<OpenIdProvider> {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const started = {
    issuer,
    clientId: 'console',
    clientSecret: 'generated for the tests of the console',
    person: { sub: 'person-1', name: 'Ada <b>Lovelace</b>', roles: ['mcp-admin'] as readonly string[] },
    decline: false,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  let provider: Provider | undefined;
  // The console's address is known only once it listens.
  const create = (): Provider =>
    new Provider(issuer, {
      clients: [
        {
          client_id: started.clientId,
          client_secret: started.clientSecret,
          redirect_uris: [redirectUri()],
        },
      ],
      features: { devInteractions: { enabled: false } },
      claims: { openid: ['sub'], profile: ['name', 'roles'] },
      conformIdTokenClaims: false,
      cookies: { keys: ['for tests'] },
      pkce: { required: () => true },
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
      findAccount: (_context, accountId) => ({
        accountId,
        claims: () => ({ ...started.person, sub: accountId }),
      }),
    });
  http.on('request', (request, response) => {
    provider ??= create();
    const chosen = provider;
    if (!request.url?.startsWith('/interaction/')) {
      void chosen.callback()(request, response);
      return;
    }
    void (async () => {
      if (started.decline) {
        const result = { error: 'access_denied', error_description: 'the person declined' };
        await chosen.interactionFinished(request, response, result);
        return;
      }
      const { prompt, params, session } = await chosen.interactionDetails(request, response);
      if (prompt.name === 'login') {
        await chosen.interactionFinished(request, response, { login: { accountId: started.person.sub } });
        return;
      }
      const grant = new chosen.Grant({
        accountId: session?.accountId ?? started.person.sub,
        clientId: String(params['client_id']),
      });
      grant.addOIDCScope(String(params['scope']));
      await chosen.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
    })();
  });
  return started;
}
