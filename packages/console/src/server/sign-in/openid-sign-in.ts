import { randomBytes } from 'node:crypto';

import { isLoopbackHostname, type Fetch } from '@mcp-m2m/core';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type Configuration,
} from 'openid-client';

import type { OpenIdSettings } from './openid-options.ts';

/** Why nobody was signed in; the page has a sentence for each. */
export type OpenIdFailure = 'expired' | 'refused' | 'role_missing' | 'provider_unavailable';

/** The person who came back. */
export interface Person {
  readonly subject: string;
  readonly name: string;
}

/** Signing in at an OpenID provider. */
export interface OpenIdSignIn {
  /** Begins: where to send the browser, and the value of the cookie that ties the way back to it. */
  start(): Promise<{ readonly location: string; readonly cookie: string } | OpenIdFailure>;
  /** Ends: who came back, by the URL that the provider sent the browser to. */
  finish(cookie: string | undefined, url: URL): Promise<Person | OpenIdFailure>;
}

interface Pending {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly until: number;
}

/** How long a person may take to sign in. */
export const OPENID_SIGN_IN_SECONDS = 600;
const MOST_PENDING = 1000;

/**
 * Makes the sign-in by the authorization code flow, with PKCE, state and nonce, each used once. The ID token is
 * validated by openid-client; who has the role may come in.
 *
 * @param redirectUri - where the provider sends the browser back to
 * @see {@link https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth | OpenID Connect Core §3.1}
 */
export function createOpenIdSignIn(
  settings: OpenIdSettings,
  redirectUri: string,
  fetch: Fetch,
  now: () => number,
): OpenIdSignIn {
  const pending = new Map<string, Pending>();
  let discovered: Promise<Configuration> | undefined;

  return {
    async start() {
      let configuration: Configuration;
      try {
        configuration = await configure();
      } catch {
        return 'provider_unavailable';
      }
      const verifier = randomPKCECodeVerifier();
      const state = randomState();
      const nonce = randomNonce();
      const location = buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: ['openid', ...settings.scopes].join(' '),
        code_challenge: await calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      });
      const cookie = randomBytes(32).toString('base64url');
      for (const [key, { until }] of pending) {
        if (pending.size < MOST_PENDING && until > now()) break;
        pending.delete(key);
      }
      pending.set(cookie, { verifier, state, nonce, until: now() + OPENID_SIGN_IN_SECONDS * 1000 });
      return { location: location.href, cookie };
    },
    async finish(cookie, url) {
      const begun = cookie === undefined ? undefined : pending.get(cookie);
      if (cookie === undefined || begun === undefined || begun.until <= now()) return 'expired';
      pending.delete(cookie);
      try {
        const tokens = await authorizationCodeGrant(await configure(), url, {
          pkceCodeVerifier: begun.verifier,
          expectedState: begun.state,
          expectedNonce: begun.nonce,
          idTokenExpected: true,
        });
        const claims = tokens.claims();
        if (claims === undefined) return 'refused';
        if (!hasRole(claims, settings.role)) return 'role_missing';
        const { sub, name, email } = claims;
        return {
          subject: sub,
          name: [name, email, sub].find((value) => typeof value === 'string') as string,
        };
      } catch (error) {
        return error instanceof TypeError ? 'provider_unavailable' : 'refused';
      }
    },
  };

  async function configure(): Promise<Configuration> {
    discovered ??= discovery(new URL(settings.issuer), settings.clientId, settings.clientSecret, undefined, {
      [customFetch]: (url, init) => fetch(url, init as RequestInit),
      execute: isLoopbackHostname(new URL(settings.issuer).hostname) ? [allowInsecureRequests] : [],
    });
    try {
      return await discovered;
    } catch (error) {
      discovered = undefined;
      throw error;
    }
  }
}

/** Whether the claim is the value, or a list that has it; text counts as a list of words. */
function hasRole(claims: object, { claim, value }: OpenIdSettings['role']): boolean {
  let found: unknown = claims;
  for (const name of claim) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return false;
    found = (found as Record<string, unknown>)[name];
  }
  if (Array.isArray(found)) return found.includes(value);
  return typeof found === 'string' && (found === value || found.split(' ').includes(value));
}
