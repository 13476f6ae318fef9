import type { IncomingMessage } from 'node:http';

import { errors, type KoaContextWithOIDC, type Provider } from 'oidc-provider';

import type { AuthorizationServerEvent } from '../events.ts';
import type { Route } from '../http/documents.ts';
import type { ClientCredentials } from '../store/client-credentials.ts';
import type { TokenRefusalReason } from '../token-refusal-reason.ts';
import type { Introspect } from '../withdrawal/introspection.ts';
import type { RevokeOwn } from '../withdrawal/revocation.ts';
import { credentialsOf } from './client-metadata.ts';
import { rewriteForms } from './request-form.ts';

/**
 * Requests of other endpoints that take the way of a token request, so that their clients authenticate in the
 * very same manner: same methods, throttling, audience and replay protection.
 */
export type InternalGrant = 'introspection' | 'revocation';

/** What answers them, once the client is known. */
export interface InternalGrantHandlers {
  readonly introspect: Introspect;
  /** Signs an answer for the client that asked. */
  readonly signAnswer: (answer: object, audience: string) => Promise<string>;
  readonly revoke: RevokeOwn;
  readonly clientAddress: (request: IncomingMessage) => string | undefined;
}

const SIGNED_ANSWER = 'application/token-introspection+jwt';
const marked = new WeakMap<object, InternalGrant>();

/**
 * Makes the route of another endpoint that takes the way of a token request: its requests are marked as such.
 * Their form cannot say so, and what it says of a grant is ignored.
 */
export function createInternalRoute(grant: InternalGrant, tokenRoute: Route): Route {
  return (request, response) => {
    marked.set(request, grant);
    tokenRoute(request, response);
  };
}

/** The endpoint of a request, unless it is the token endpoint. */
export function internalGrantOf(request: object): InternalGrant | undefined {
  return marked.get(request);
}

type Refused = Omit<Extract<AuthorizationServerEvent, { type: 'token_refused' }>, 'at' | 'type'>;

/** What is reported of a refused request: of a token, or at another endpoint. */
export function refusalEvent(request: object, refused: Refused) {
  const endpoint = internalGrantOf(request);
  return endpoint === undefined
    ? ({ ...refused, type: 'token_refused' } as const)
    : ({ ...refused, type: 'request_refused', endpoint } as const);
}

/**
 * Registers the internal grants with the engine. A request that was not marked cannot use them, whatever grant
 * it names.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-2 | RFC 7662 §2},
 *   {@link https://www.rfc-editor.org/rfc/rfc7009#section-2 | RFC 7009 §2},
 *   {@link https://www.rfc-editor.org/rfc/rfc9701#section-5 | RFC 9701 §5}
 */
export function installInternalGrants(provider: Provider, handlers: InternalGrantHandlers): void {
  nameGrantsOfMarked(provider);
  const parameters = ['token', 'token_type_hint'];
  provider.registerGrantType(
    'introspection',
    async (ctx) => {
      const { client, token } = readRequest(ctx, 'introspection');
      const answer = await handlers.introspect(token, client);
      if (ctx.accepts('json', SIGNED_ANSWER) === SIGNED_ANSWER) {
        ctx.body = await handlers.signAnswer(answer, client.clientId);
        ctx.type = SIGNED_ANSWER;
      } else {
        ctx.body = answer;
      }
    },
    parameters,
  );
  provider.registerGrantType(
    'revocation',
    async (ctx) => {
      const { client, token } = readRequest(ctx, 'revocation');
      if ((await handlers.revoke(token, client, handlers.clientAddress(ctx.req))) === 'foreign') {
        const reason: TokenRefusalReason = 'token_of_another_client';
        throw new errors.UnauthorizedClient('the token was issued to another client', reason);
      }
      ctx.status = 200;
      ctx.body = {};
    },
    parameters,
  );
}

/** The engine decides by `grant_type`, which requests to other endpoints do not have. */
function nameGrantsOfMarked(provider: Provider): void {
  rewriteForms(provider, (form, { req }) => {
    const grant = internalGrantOf(req);
    return grant === undefined ? form : { ...form, grant_type: grant };
  });
}

function readRequest(
  ctx: KoaContextWithOIDC,
  grant: InternalGrant,
): { readonly client: ClientCredentials; readonly token: string } {
  const { client, params } = ctx.oidc;
  if (internalGrantOf(ctx.req) !== grant || client === undefined) throw new errors.UnsupportedGrantType();
  const token = params?.['token'];
  if (typeof token !== 'string' || token === '') {
    throw new errors.InvalidRequest("the parameter 'token' is missing");
  }
  return { client: credentialsOf(client), token };
}
