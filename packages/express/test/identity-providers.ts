import type { McpAuthOptions } from '@mcp-m2m/express';
import {
  createTestAuthority,
  type IdentityProvider,
  type MintAsOptions,
  type TestAuthority,
  type TokenClaims,
} from '@mcp-m2m/testing';
import { expect } from 'vitest';
import { RESOURCE, send, startProtectedApp, toolCall, type ProtectedApp } from './protected-app.ts';

type Server = Exclude<McpAuthOptions['authorizationServers'][number], string>;

/** How one identity provider is set up, and how a server is configured for it. */
export interface ProviderSetUp {
  readonly provider: IdentityProvider;
  readonly profile: NonNullable<Server['profile']>;
  /** Path of the issuer. */
  readonly path: string;
  /** The audience option, where the provider's tokens do not name the resource. */
  readonly audience?: NonNullable<Server['audience']>;
  /** What the provider puts into its tokens. */
  readonly minted: MintAsOptions;
  /** What a machine's and a person's caller must be. */
  readonly machine: Readonly<Record<string, unknown>>;
  readonly user: Readonly<Record<string, unknown>>;
}

const TENANT = '3c9a6b1e-58d2-4f0c-8a77-2e1d9f4b6c05';
const PRINCIPAL = 'a84f2d90-1c6b-4e35-b7d8-95e0c3f1a264';
const API_ID = '11111111-2222-4333-8444-555555555555';
const PERSON = '7d1c8a52-3f0e-4a7b-9b5e-0c2f6d4e8a11';
const scopes = ['deploy:read'];
const REALM_ROLES = ['offline_access', 'uma_authorization', 'account:manage-account', 'account:view-profile'];

export const PROVIDERS: readonly ProviderSetUp[] = [
  {
    provider: 'auth0',
    profile: 'auth0',
    path: '/',
    minted: { clientId: 'job', scopes, audience: RESOURCE },
    machine: { subject: 'job@clients', scopes, roles: [], evidence: '"sub" ends in "@clients"' },
    user: {
      subject: 'auth0|65f1c0de0a1b2c3d4e5f6a7b',
      scopes: ['openid', 'profile', ...scopes],
      roles: scopes,
      evidence: '"sub" names a connection and a user',
    },
  },
  {
    provider: 'auth0-rfc9068',
    profile: 'auth0',
    path: '/',
    minted: { clientId: 'job', scopes, audience: RESOURCE },
    machine: { subject: 'job@clients', scopes, roles: [], evidence: '"sub" ends in "@clients"' },
    user: {
      subject: 'auth0|65f1c0de0a1b2c3d4e5f6a7b',
      scopes: ['openid', 'profile', ...scopes],
      roles: scopes,
    },
  },
  {
    provider: 'entra-v2',
    profile: 'entra',
    path: `/${TENANT}/v2.0`,
    audience: { anyOf: [API_ID] },
    minted: { clientId: 'job', scopes, audience: API_ID },
    machine: { subject: PRINCIPAL, scopes, roles: [], evidence: 'no "scp"' },
    user: {
      subject: 'pairwise-subject-of-the-person',
      scopes,
      roles: [],
      evidence: '"scp" holds delegated permissions',
    },
  },
  {
    provider: 'entra-v1',
    profile: 'entra',
    path: `/${TENANT}/`,
    audience: { anyOf: ['api://deploy-desk'] },
    minted: { clientId: 'job', scopes, audience: 'api://deploy-desk' },
    machine: { subject: PRINCIPAL, scopes, roles: [], evidence: 'no "scp"' },
    user: { subject: 'pairwise-subject-of-the-person', scopes, roles: [] },
  },
  {
    provider: 'okta',
    profile: 'okta',
    path: '/oauth2/default',
    audience: { anyOf: ['api://default'] },
    minted: { clientId: 'job', scopes, audience: 'api://default' },
    machine: { subject: 'job', scopes, roles: [], evidence: 'no "uid", or "sub" equals "cid"' },
    user: {
      subject: 'person@example.com',
      scopes: ['openid', ...scopes],
      roles: [],
      evidence: 'the claim "uid" is present',
    },
  },
  {
    provider: 'keycloak',
    profile: 'keycloak',
    path: '/realms/acme',
    minted: { clientId: 'job', scopes, audience: RESOURCE },
    machine: {
      subject: '5b0d7c3a-9e41-4f28-86b2-d17a0e93c4f5',
      scopes: ['profile', 'email', ...scopes],
      roles: REALM_ROLES,
      evidence: '"preferred_username" is a service account',
    },
    user: {
      subject: PERSON,
      scopes: ['openid', 'profile', 'email', ...scopes],
      roles: REALM_ROLES,
      evidence: 'the session ("sid") of somebody with "preferred_username"',
    },
  },
  {
    provider: 'cognito',
    profile: 'cognito',
    path: '/eu-west-1_Ab12Cd34E',
    audience: { clientIds: ['job'] },
    minted: { clientId: 'job', scopes: ['deploy-desk/read'], audience: RESOURCE },
    machine: {
      subject: 'job',
      scopes: ['deploy-desk/read'],
      roles: [],
      evidence: 'no "username", or "sub" equals "client_id"',
    },
    user: {
      subject: PERSON,
      scopes: ['openid', 'deploy-desk/read'],
      roles: [],
      evidence: 'the claim "username" is present',
    },
  },
  {
    provider: 'pingone',
    profile: 'pingone',
    path: '/0f5d8c7e-1111-4222-8333-444455556666/as',
    minted: { clientId: 'job', scopes, audience: RESOURCE },
    machine: { subject: 'job', scopes, roles: [], evidence: 'no "sub"' },
    user: {
      subject: PERSON,
      scopes: ['openid', ...scopes],
      roles: [],
      evidence: '"sub" differs from "client_id"',
    },
  },
];

/** An identity provider, and a server that is configured for it. */
export interface ProvidedApp extends AsyncDisposable {
  readonly authority: TestAuthority;
  readonly app: ProtectedApp;
  readonly mint: (claims?: TokenClaims, options?: MintAsOptions) => string;
}

/** Tools by who may call them: `approve_production` is for people, `start_deployment` for machines. */
const ACCESS = {
  tools: { approve_production: { caller: 'user' }, start_deployment: { caller: 'machine' } },
} as const;

export async function startProvidedApp(
  setUp: ProviderSetUp,
  options: Partial<Server> = {},
): Promise<ProvidedApp> {
  const authority = await createTestAuthority({ path: setUp.path, algorithm: 'RS256' });
  if (setUp.profile === 'entra') {
    // Its keys name no algorithm.
    const { alg: _, ...jwk } = authority.signingKey.publicJwk;
    authority.publishKeys({ keys: [jwk] });
  }
  const audience = setUp.audience === undefined ? {} : { audience: setUp.audience };
  const server = {
    issuer: authority.issuer,
    profile: setUp.profile,
    algorithms: ['RS256'],
    ...audience,
  } as const;
  const app = await startProtectedApp({
    authorizationServers: [{ ...server, ...options }],
    now: authority.now,
    access: ACCESS,
  });
  return {
    authority,
    app,
    mint: (claims = {}, mintOptions = {}) =>
      authority.mintAs(setUp.provider, claims, { ...setUp.minted, ...mintOptions }),
    [Symbol.asyncDispose]: async () => {
      await app[Symbol.asyncDispose]();
      await authority.close();
    },
  };
}

export const setUpOf = (provider: string): ProviderSetUp => {
  const found = PROVIDERS.find((one) => one.provider === provider);
  if (found === undefined) throw new Error(`no set-up for ${provider}`);
  return found;
};

/** Status of a request, and why it was refused where it was. */
export async function outcomeOf({ app }: ProvidedApp, token: string, tool?: string): Promise<unknown> {
  const body = tool === undefined ? undefined : toolCall(tool, { service: 'web' });
  const response = await send(app, `Bearer ${token}`, body);
  await response.text();
  const { outcome, reason } = app.decisions.at(-1) ?? {};
  return outcome === 'allowed' ? response.status : reason;
}

export async function callerOf(provided: ProvidedApp, token: string): Promise<unknown> {
  expect(await outcomeOf(provided, token)).toBe(200);
  return provided.app.callers.at(-1);
}
