import { printable } from '@mcp-m2m/core';

import type { ClientCredentials } from '../store/client-credentials.ts';
import type { TokenRefusalReason } from '../token-refusal-reason.ts';
import type { StandsStill } from '../withdrawal/introspection.ts';
import type { OwnToken, ReadOwnToken } from '../withdrawal/own-token.ts';
import { assertActorChain, assertMayAct, readActor } from './actor-chain.ts';
import { refuseGrant } from './grant-refusal.ts';
import type { Grant, GrantDecision, GrantRequest } from './grants.ts';
import type { Actor } from './issue-token.ts';
import { isClientSubject } from './subject.ts';

/** What token exchange is judged by. */
export interface TokenExchangeRules {
  /** This server's identifier. */
  readonly issuer: string;
  readonly readOwnToken: ReadOwnToken;
  readonly standsStill: StandsStill;
}

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

/**
 * Makes the grant of token exchange: a client hands in an access token of this server, for a resource that the
 * client is registered for, and gets one with less, or one to act with for the token's subject at another
 * resource.
 *
 * The new token never has more scopes than the client itself, nor, at the same resource, than the old one; it
 * does not outlive it, and names everybody who acts in between.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-2 | RFC 8693 §2 and §4}
 */
export function createTokenExchangeGrant(rules: TokenExchangeRules): Grant {
  const { issuer } = rules;
  return async (request) => {
    const { client, parameters } = request;
    assertTypes(parameters);
    const subject = await readToken(parameters['subject_token'], 'subject_token', client, rules);
    const actorToken =
      parameters['actor_token'] === undefined
        ? undefined
        : await readToken(parameters['actor_token'], 'actor_token', client, rules);
    const actor = decideActor(subject, actorToken, client);
    if (actor !== undefined) {
      assertMayAct(subject.claims['may_act'], actor.sub, issuer);
      assertActorChain(actor);
    }
    const target = await decideTarget(request, String(subject.claims.aud), readScope(subject));
    const sub = String(subject.claims.sub);
    if (subject.clientId === client.clientId && sub !== client.clientId)
      assertNarrowed(target.resource, subject);
    return {
      target,
      issuedTokenType: ACCESS_TOKEN,
      notAfter: Math.min(subject.expiresAt, actorToken?.expiresAt ?? Infinity),
      ...(sub === client.clientId ? {} : { subject: sub, subjectIsClient: isClientSubject(sub) }),
      ...(actor === undefined ? {} : { actor }),
      claims: keepClaims(subject),
    };
  };
}

function assertTypes(parameters: GrantRequest['parameters']): void {
  const asked = parameters['requested_token_type'];
  if (asked !== undefined && asked !== ACCESS_TOKEN) {
    throw malformed(`requested_token_type must be absent or ${ACCESS_TOKEN}: access tokens alone are issued`);
  }
  for (const name of ['subject_token', 'actor_token'] as const) {
    const [token, type] = [parameters[name], parameters[`${name}_type`]];
    if (token === undefined) {
      if (name === 'subject_token')
        throw malformed('subject_token is required: an access token of this authorization server');
      if (type !== undefined) throw malformed(`${name}_type must not be there without ${name}`);
    } else if (type !== ACCESS_TOKEN && type !== JWT) {
      throw malformed(
        `${name}_type must be ${ACCESS_TOKEN}: other kinds of tokens are not exchanged; an ID-JAG goes into the JWT bearer grant`,
      );
    }
  }
}

/** Reads a token of this server that stands, and is for a resource the client is registered for. */
async function readToken(
  value: unknown,
  name: 'subject_token' | 'actor_token',
  { access }: ClientCredentials,
  { readOwnToken, standsStill }: TokenExchangeRules,
): Promise<OwnToken> {
  const invalid: TokenRefusalReason =
    name === 'subject_token' ? 'subject_token_invalid' : 'actor_token_invalid';
  const token = typeof value === 'string' ? await readOwnToken(value) : undefined;
  if (token === undefined) {
    throw refuse(
      invalid,
      `the ${name} must be an access token of this authorization server that has not expired`,
    );
  }
  const { aud } = token.claims;
  if (!access.some(({ resource }) => resource === aud)) {
    throw refuse(
      invalid,
      `the ${name} is not for a resource that this client is registered for`,
      `the ${name} is for ${printable(aud)}; register the client for that resource if it serves it`,
    );
  }
  if (await standsStill(token)) return token;
  throw refuse(name === 'subject_token' ? 'subject_token_revoked' : invalid, `the ${name} has been revoked`);
}

/**
 * Who acts in the new token: the client, or whom it shows to be with its own token, for whoever acted before. A
 * client that only narrows a token of its own acts no more than it did.
 */
function decideActor(
  subject: OwnToken,
  actorToken: OwnToken | undefined,
  { clientId }: ClientCredentials,
): Actor | undefined {
  const before =
    subject.claims['act'] === undefined
      ? undefined
      : readActor(subject.claims['act'], 'the act of the subject_token');
  if (actorToken === undefined) {
    if (subject.clientId === clientId) return before;
    return { sub: clientId, ...(before === undefined ? {} : { act: before }) };
  }
  if (actorToken.clientId !== clientId) {
    throw refuse(
      'actor_token_invalid',
      'the actor_token must have been issued to this client: nobody else can be made to act',
      `the actor_token was issued to ${actorToken.clientId}`,
    );
  }
  const sub = String(actorToken.claims.sub);
  if (actorToken.claims['act'] !== undefined) {
    throw refuse('actor_token_invalid', 'the actor_token must be of a party that acts for itself');
  }
  return { sub, ...(before === undefined ? {} : { act: before }) };
}

/** The target as asked for; at the resource the token is for already, what the token has bounds it. */
async function decideTarget(
  { client, parameters, decideTarget: decide }: GrantRequest,
  audience: string,
  scope: string,
): Promise<GrantDecision['target']> {
  const { resource = parameters['audience'] } = parameters;
  const named = typeof resource === 'object' && resource.length === 1 ? resource[0] : resource;
  if (typeof named === 'object') return await decide();
  const held = new Set(scope.split(' '));
  const access = client.access.map((entry) => {
    if (entry.resource !== audience) return entry;
    const { defaultScopes: _defaults, ...rest } = entry;
    return { ...rest, scopes: entry.scopes.filter((one) => held.has(one)) };
  });
  // Without a resource the token is narrowed for where it is used already.
  return await decide({ access }, { resource: named ?? audience });
}

/**
 * Holds a client to where it was given somebody to act for: who decided that (an identity provider, with an ID-JAG)
 * named the resource, and the client does not choose another by itself.
 */
function assertNarrowed(resource: string, { claims: { aud } }: OwnToken): void {
  if (resource === aud) return;
  throw refuseGrant({
    error: 'invalid_target',
    reason: 'resource_not_allowed',
    description: `the subject_token was issued to this client to act for somebody at ${printable(aud)}: ask whoever decides for that person about another resource`,
  });
}

function readScope({ claims: { scope } }: OwnToken): string {
  return typeof scope === 'string' ? scope : '';
}

/** What stays true of the subject, whoever acts for it. */
function keepClaims({ claims }: OwnToken): Readonly<Record<string, unknown>> {
  const kept = ['auth_time', 'acr', 'amr', 'may_act'].filter((name) => claims[name] !== undefined);
  return Object.fromEntries(kept.map((name) => [name, claims[name]]));
}

function malformed(description: string): Error {
  return refuseGrant({ error: 'invalid_request', reason: 'request_malformed', description });
}

/** RFC 8693 §2.2.2 has `invalid_request` for tokens that are not accepted. */
function refuse(reason: TokenRefusalReason, description: string, detail?: string): Error {
  return refuseGrant({ error: 'invalid_request', reason, description, detail });
}
