import type {
  OAuthClientInformationContext,
  OAuthClientMetadata,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthClientInformation,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client';

const REDIRECT_URL = 'http://127.0.0.1:9876/callback';

/** What differs between persons. */
export interface PersonOptions {
  /** A registration made beforehand, and the authorization server it was made with. */
  readonly registration?: {
    readonly issuer: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
}

/** The official provider's storage, in memory, and a person who consents to everything at once. */
export interface PersonProvider extends OAuthClientProvider {
  /** What the last redirect back brought: a code, or an error. */
  takeCallback(): URLSearchParams;
}

/** Creates a provider that keeps registrations and tokens apart by the issuer they belong to. */
export function createPersonProvider({ registration }: PersonOptions): PersonProvider {
  const clients = new Map<string, StoredOAuthClientInformation>();
  const tokens = new Map<string, StoredOAuthTokens>();
  let latestTokens: StoredOAuthTokens | undefined;
  let codeVerifier = '';
  let discoveryState: OAuthDiscoveryState | undefined;
  let state = '';
  let callback: URLSearchParams | undefined;
  if (registration !== undefined) {
    const { issuer, clientId, clientSecret } = registration;
    clients.set(issuer, { client_id: clientId, client_secret: clientSecret, issuer });
  }
  const keyOf = (context: OAuthClientInformationContext | undefined): string => context?.issuer ?? '';
  const clientMetadata: OAuthClientMetadata = {
    client_name: 'mcp-m2m-conformance',
    redirect_uris: [REDIRECT_URL],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    application_type: 'native',
  };

  return {
    redirectUrl: REDIRECT_URL,
    // The suite knows this address; nothing is fetched from it.
    clientMetadataUrl: 'https://conformance-test.local/client-metadata.json',
    clientMetadata,
    state: () => (state = crypto.randomUUID()),
    clientInformation: (context) => clients.get(keyOf(context)),
    saveClientInformation: (information, context) => void clients.set(keyOf(context), information),
    tokens: (context) => (context === undefined ? latestTokens : tokens.get(context.issuer)),
    saveTokens(received, context) {
      latestTokens = received;
      // What was discovered holds from the redirect to the code's exchange: the next challenge may name another server.
      discoveryState = undefined;
      tokens.set(keyOf(context), received);
    },
    saveCodeVerifier: (verifier) => void (codeVerifier = verifier),
    codeVerifier: () => codeVerifier,
    saveDiscoveryState: (discovered) => void (discoveryState = discovered),
    discoveryState: () => discoveryState,
    async redirectToAuthorization(authorizationUrl) {
      const response = await fetch(authorizationUrl, { redirect: 'manual' });
      const location = response.headers.get('location');
      if (location === null) throw new Error(`The authorization endpoint answered ${response.status}.`);
      callback = new URL(location).searchParams;
    },
    takeCallback() {
      const parameters = callback;
      callback = undefined;
      if (parameters === undefined) throw new Error('Nobody was sent back from the authorization endpoint.');
      if (parameters.get('state') !== state)
        throw new Error('The callback has another state than the request.');
      return parameters;
    },
  };
}
