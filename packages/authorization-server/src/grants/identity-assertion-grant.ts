import { printable } from '@mcp-m2m/core';

import { assertActorChain, readActor } from './actor-chain.ts';
import { refuseGrant } from './grant-refusal.ts';
import type { GrantDecision, GrantRequest } from './grants.ts';
import { subjectOf } from './subject.ts';

type Claims = Readonly<Record<string, unknown>>;

/**
 * Decides what an ID-JAG gives: a token for the person it names, at a resource it names, with scopes that both
 * it and the client have. There is no refresh token: the client presents an ID-JAG again.
 *
 * Its signature, audience and client were judged before.
 *
 * @see {@link https://datatracker.ietf.org/doc/html/draft-ietf-oauth-identity-assertion-authz-grant#section-5 | ID-JAG §5},
 *   {@link https://modelcontextprotocol.io/extensions/auth/enterprise-managed-authorization | MCP enterprise-managed authorization}
 */
export async function decideByIdentityAssertion(
  claims: Claims,
  request: Pick<GrantRequest, 'client' | 'parameters' | 'dpopThumbprint' | 'decideTarget'>,
): Promise<GrantDecision> {
  assertBoundTo(claims['cnf'], request.dpopThumbprint);
  const { client, parameters, decideTarget } = request;
  const resources = readTexts(claims['resource'], 'resource');
  for (const named of [parameters['resource'] ?? []].flat()) {
    if (resources?.some((resource) => isSame(resource, named)) === false) throw otherResource(resources);
  }
  const scopes = claims['scope'] === undefined ? undefined : readScopes(claims['scope']);
  const access = client.access
    .filter(({ resource }) => resources === undefined || resources.some((named) => isSame(named, resource)))
    .map((entry) => {
      if (scopes === undefined) return entry;
      const { defaultScopes: _all, ...rest } = entry;
      return { ...rest, scopes: entry.scopes.filter((scope) => scopes.includes(scope)) };
    });
  if (resources !== undefined && access.length === 0) throw otherResource(resources);
  const target = await decideTarget({ access });
  if (scopes !== undefined && scopes.length > 0 && target.scopes.length === 0) {
    throw refuseGrant({
      error: 'invalid_scope',
      reason: 'scope_not_allowed',
      description: `the ID-JAG is for ${printable(scopes.join(' '))}, of which this client may have nothing at ${target.resource}`,
    });
  }
  const actor = claims['act'] === undefined ? undefined : readActor(claims['act'], 'the act of the ID-JAG');
  if (actor !== undefined) assertActorChain(actor);
  return {
    target,
    subject: subjectOf(String(claims['iss']), String(claims['sub'])),
    actor,
    claims: { ...readAuthentication(claims), ...readMayAct(claims['may_act']) },
  };
}

/** An ID-JAG that is bound to a key is good for whoever proves to have it, and for nobody else. */
function assertBoundTo(confirmation: unknown, thumbprint: string | undefined): void {
  if (confirmation === undefined) return;
  const { jkt, ...others } = isObject(confirmation) ? confirmation : {};
  if (typeof jkt === 'string' && Object.keys(others).length === 0 && jkt === thumbprint) return;
  throw refuseGrant({
    error: 'invalid_grant',
    reason: thumbprint === undefined ? 'dpop_proof_missing' : 'dpop_proof_invalid',
    description:
      'the ID-JAG is bound to a key (cnf): send a DPoP proof made with that key; other ways of binding are not supported',
  });
}

function readTexts(value: unknown, name: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (texts.length > 0 && texts.every((text) => typeof text === 'string')) return texts;
  throw malformed(`the ${name} of the ID-JAG must be a text or an array of texts`);
}

function readScopes(value: unknown): readonly string[] {
  if (typeof value !== 'string') throw malformed('the scope of the ID-JAG must be a text');
  return value.split(' ').filter((scope) => scope !== '');
}

/** Resources are canonical where they are registered, and may not be in what others write. */
function isSame(named: string, canonical: string): boolean {
  return named === canonical || URL.parse(named)?.href === URL.parse(canonical)?.href;
}

/** How the person signed in, as the identity provider says: RFC 9068 §2.2.1 has these. */
function readAuthentication({ auth_time: time, acr, amr }: Claims): Claims {
  return {
    ...(typeof time === 'number' ? { auth_time: time } : {}),
    ...(typeof acr === 'string' ? { acr } : {}),
    ...(Array.isArray(amr) && amr.every((method) => typeof method === 'string') ? { amr } : {}),
  };
}

/** Who may act for the person further on: kept, or an exchange would be held to nothing. */
function readMayAct(mayAct: unknown): Claims {
  if (mayAct === undefined) return {};
  if (isObject(mayAct)) return { may_act: mayAct };
  throw malformed('the may_act of the ID-JAG must be an object');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function otherResource(resources: readonly string[]): Error {
  return refuseGrant({
    error: 'invalid_target',
    reason: 'resource_not_allowed',
    description: `the ID-JAG is for ${printable(resources.join(' and '))}: request one of those that this client may use`,
  });
}

function malformed(description: string): Error {
  return refuseGrant({ error: 'invalid_grant', reason: 'assertion_malformed', description });
}
