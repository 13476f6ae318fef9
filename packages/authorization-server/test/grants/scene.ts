import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { decodeJwt } from 'jose';
import { afterAll } from 'vitest';

import type { TrustCondition, TrustedIssuerKind } from '../../src/index.ts';
import { MCP, requestToken, type Answer, type RunningServer } from '../running-server.ts';

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
export const CLIENT_ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const SUBJECT = 'repo:octo-org/app:ref:refs/heads/main';

/** Starts an issuer that stops after the last test of the file. */
export async function startIssuer(): Promise<TestAuthority> {
  const authority = await createTestAuthority();
  afterAll(async () => await authority.close());
  return authority;
}

/** Registers a client without a credential of its own. */
export async function registerWorkload(
  { server }: RunningServer,
  clientId: string,
  grantTypes: readonly string[] = [JWT_BEARER],
): Promise<void> {
  await server.clients.create({
    clientId,
    authentication: { method: 'workload' },
    access: [{ resource: MCP, scopes: ['deploy:read', 'deploy:write'] }],
    grantTypes: grantTypes as never,
  });
}

/** Trusts an issuer, once, and returns its id. */
export async function trustIssuer(
  { server }: RunningServer,
  { issuer }: { readonly issuer: string },
  kind: TrustedIssuerKind = 'workload',
  singleUse = false,
): Promise<string> {
  const known = (await server.trust.issuers.list()).find((one) => one.issuer === issuer);
  return (known ?? (await server.trust.issuers.create({ issuer, kind, singleUse }))).id;
}

/** Lets tokens of an issuer stand for a client. */
export async function trustSubject(
  running: RunningServer,
  authority: { readonly issuer: string },
  clientId: string,
  conditions: readonly TrustCondition[] = [{ claim: 'sub', equals: SUBJECT }],
): Promise<void> {
  const issuerId = await trustIssuer(running, authority);
  await running.server.trust.rules.create({ issuerId, clientId, conditions });
}

/** A token as an issuer of workloads makes it; what is given as undefined is left out. */
export function workloadToken(
  authority: TestAuthority,
  { issuer }: { readonly issuer: string },
  claims: Readonly<Record<string, unknown>> = {},
  header: Readonly<Record<string, unknown>> = {},
): string {
  const now = Math.floor(authority.now() / 1000);
  const { keyId, algorithm } = authority.signingKey;
  return authority.mintRaw({
    header: { alg: algorithm, kid: keyId, typ: 'JWT', ...header },
    payload: { iss: authority.issuer, sub: SUBJECT, aud: issuer, iat: now, exp: now + 300, ...claims },
  });
}

/** Asks for a token with an assertion as the grant. */
export async function bear(
  running: { readonly issuer: string },
  assertion: string,
  parameters: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  return await requestToken(running, { grant_type: JWT_BEARER, assertion, ...parameters }, headers);
}

/** The claims of an answer's access token. */
export function claimsOf(answer: Answer): Record<string, unknown> {
  return decodeJwt(String(answer.body['access_token']));
}
