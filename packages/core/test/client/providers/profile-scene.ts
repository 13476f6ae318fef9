import {
  createTokenSource,
  type AuthorizedFetch,
  type TokenEvent,
  type TokenSource,
  type TokenSourceOptions,
} from '../../../src/client/index.ts';
import { formatChallenge } from '../../../src/www-authenticate.ts';
import { startLoopbackServer, type Answer, type ReceivedRequest } from '../../loopback-server.ts';
import { CLIENT_ID } from './identity-provider.ts';

/** An identity provider under its real addresses, and an MCP server that relies on it. */
export interface ProfileScene {
  readonly resource: string;
  readonly events: TokenEvent[];
  /** The forms that reached the token endpoint, oldest first. */
  readonly forms: URLSearchParams[];
  /** What the MCP server does with calls that carry a token, by their path beneath it. Default: takes them. */
  refuse: (
    path: string,
  ) => { readonly status: 401 | 403; readonly parameters: Record<string, string> } | undefined;
  /** Creates a source; requests to the provider's hosts end at the stand-in. */
  createSource(options: ProfileSourceOptions): TokenSource;
  /** For `authorizedFetch`. */
  readonly fetch: AuthorizedFetch;
}

export type ProfileSourceOptions = Pick<TokenSourceOptions, 'authentication'> & Partial<TokenSourceOptions>;

/** How the provider presents itself. */
export interface StandIn {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  /** Members of its metadata beside issuer and token endpoint. */
  readonly metadata?: Record<string, unknown>;
  /** Answers a token request. */
  readonly judge: (form: URLSearchParams, request: ReceivedRequest) => Answer | Promise<Answer>;
}

/** A scope that no profile has, and that the MCP server names wherever it can. */
export const TEMPTING_SCOPE = 'mcp:everything';

/** Sets the scene. The provider publishes its metadata where OpenID Connect says, as most of them do. */
export async function createProfileScene({
  issuer,
  tokenEndpoint,
  metadata,
  judge,
}: StandIn): Promise<ProfileScene> {
  const forms: URLSearchParams[] = [];
  const provider = await startLoopbackServer((request) => {
    const address = `https://${String(request.headers['x-original-host'])}${request.url}`;
    if (address === `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`) {
      return { json: { issuer, token_endpoint: tokenEndpoint, ...metadata } };
    }
    if (address !== tokenEndpoint || request.method !== 'POST') return { status: 404 };
    const form = new URLSearchParams(request.body);
    forms.push(form);
    return judge(form, request);
  });
  const server = await startLoopbackServer(({ url, headers }) => {
    if (url === '/.well-known/oauth-protected-resource/mcp') {
      return { json: { resource, authorization_servers: [issuer], scopes_supported: [TEMPTING_SCOPE] } };
    }
    const refusal =
      headers.authorization === undefined
        ? { status: 401, parameters: { scope: TEMPTING_SCOPE } }
        : scene.refuse(url.slice('/mcp'.length));
    return refusal === undefined
      ? { json: { ok: true } }
      : {
          status: refusal.status,
          headers: { 'www-authenticate': formatChallenge('Bearer', refusal.parameters) },
        };
  });
  const resource = `${server.origin}/mcp`;
  const hosts = new Set([new URL(issuer).host, new URL(tokenEndpoint).host]);
  const routedFetch = (input: string, init: RequestInit): Promise<Response> => {
    const url = new URL(input);
    if (!hosts.has(url.host)) return fetch(input, init);
    const headers = new Headers(init.headers);
    headers.set('x-original-host', url.host);
    return fetch(`${provider.origin}${url.pathname}${url.search}`, { ...init, headers });
  };
  const events: TokenEvent[] = [];
  const scene: ProfileScene = {
    resource,
    events,
    forms,
    refuse: () => undefined,
    createSource: (options) =>
      createTokenSource({
        resource,
        clientId: CLIENT_ID,
        fetch: routedFetch,
        onEvent: (event) => events.push(event),
        ...options,
      }),
    fetch: (input, init) => fetch(input, init),
  };
  return scene;
}
