import type { Provider } from 'oidc-provider';

import { credentialsOf } from '../provider/client-metadata.ts';
import { decideTokenTarget, type TargetedClient, type TokenTarget } from '../provider/token-target.ts';
import type { CurrentResources } from '../resources/current-resources.ts';
import type { ClientCredentials } from '../store/client-credentials.ts';
import { JWT_BEARER_GRANT, TOKEN_EXCHANGE_GRANT } from './grant-types.ts';
import { issueToken, type GrantContext, type IssueRules, type TokenDecision } from './issue-token.ts';
import { createJwtBearerGrant, type JwtBearerRules } from './jwt-bearer-grant.ts';
import { createSenderBinding, type SenderBindingRules } from './sender-binding.ts';
import { createTokenExchangeGrant, type TokenExchangeRules } from './token-exchange-grant.ts';

/** A token request whose client is known. */
export interface GrantRequest {
  readonly ctx: GrantContext;
  readonly client: ClientCredentials;
  readonly parameters: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Thumbprint of the key that the request's DPoP proof was made with. */
  readonly dpopThumbprint: string | undefined;
  /** Decides what the token is for; for a client with narrower access, when one is given. */
  readonly decideTarget: (
    narrowed?: Partial<TargetedClient>,
    requested?: { readonly resource?: string; readonly scope?: string },
  ) => Promise<TokenTarget>;
}

/** What a grant decides: whom the token is for, and for what. The binding is decided before. */
export type GrantDecision = Omit<TokenDecision, 'binding'>;

/** Judges a token request by one grant. */
export type Grant = (request: GrantRequest) => Promise<GrantDecision>;

/** What grants are judged by. */
export interface GrantRules extends IssueRules, SenderBindingRules, JwtBearerRules, TokenExchangeRules {
  readonly resources: CurrentResources;
  readonly accessTokenLifetimeSeconds: number;
}

/** The client asks in its own name. */
const grantClientCredentials: Grant = async ({ decideTarget }) => ({ target: await decideTarget() });

/**
 * Gives the engine its grants. All of them bind, decide and issue in the same way, with the engine's own grant
 * of client credentials among them replaced.
 */
export function installGrants(provider: Provider, rules: GrantRules): void {
  const bindSender = createSenderBinding(rules);
  const { accessTokenLifetimeSeconds } = rules;

  const install = (name: string, grant: Grant, parameters: readonly string[] = []): void => {
    const handle = async (ctx: GrantContext): Promise<void> => {
      const client = credentialsOf(ctx.oidc.client);
      const received = ctx.oidc.params as GrantRequest['parameters'];
      const { headers, ...binding } = await bindSender(ctx.req, client);
      ctx.set({ ...headers });
      const decision = await grant({
        ctx,
        client,
        parameters: received,
        dpopThumbprint: binding.jkt,
        decideTarget: async (narrowed, requested) =>
          decideTokenTarget(
            narrowed === undefined ? client : { ...client, ...narrowed },
            {
              resource: requested?.resource ?? received['resource'],
              scope: requested?.scope ?? (received['scope'] as string | undefined),
            },
            { resources: await rules.resources(), accessTokenLifetimeSeconds },
          ),
      });
      await issueToken(ctx, provider, { ...decision, binding }, rules);
    };
    provider.registerGrantType(name, handle, ['resource', 'scope', ...parameters], 'resource');
  };

  install('client_credentials', grantClientCredentials);
  install(JWT_BEARER_GRANT, createJwtBearerGrant(rules), ['assertion']);
  install(TOKEN_EXCHANGE_GRANT, createTokenExchangeGrant(rules), [
    'audience',
    'subject_token',
    'subject_token_type',
    'actor_token',
    'actor_token_type',
    'requested_token_type',
  ]);
}
