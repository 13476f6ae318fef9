import { Provider, type KoaContextWithOIDC } from 'oidc-provider';

import type { ReportEvent } from '../events.ts';
import { basicChallenge, oauthError } from '../http/oauth-error.ts';
import { isClientId } from '../clients/client-id.ts';
import { redact } from '../redaction.ts';
import { isStoreFailure } from '../store/database.ts';
import { installClientAuthentication } from './client-authentication.ts';
import { claimedClient } from './engine-adapter.ts';
import { configureEngine, type EngineOptions } from './engine-configuration.ts';
import { describeRefusal, type EngineError } from './refusal.ts';
import { installStandInVerification } from './stand-in-verification.ts';

/**
 * Builds the engine from configuration and keys. It holds no state of its own, so that another instance
 * can take its place (with another signing key, say) while this one finishes its requests.
 *
 * @param options - the profile's rules and the store
 * @param report - receives issued and refused tokens
 * @returns the engine; only its token endpoint is meant to be reached
 */
export function createEngine(options: EngineOptions, report: ReportEvent): Provider {
  const provider = new Provider(options.issuer, configureEngine(options));
  installClientAuthentication(provider, options);
  installStandInVerification(provider);
  provider.use(async (ctx, next) => {
    await next();
    // The engine lets any page read what it refuses before it knows the client.
    ctx.remove('Access-Control-Allow-Origin');
    ctx.remove('Access-Control-Expose-Headers');
  });
  // Failures are reported as events; a library does not write to the console.
  provider.silent = true;
  provider.on('grant.success', (ctx) => reportIssued(ctx, options, report));
  provider.on('grant.error', (ctx, error) => answerRefusal(ctx, error, options.issuer, report));
  provider.on('server_error', (ctx, error) => answerFailure(ctx, error, report));
  return provider;
}

function reportIssued(ctx: KoaContextWithOIDC, options: EngineOptions, report: ReportEvent): void {
  const token = ctx.oidc.entities.ClientCredentials;
  if (token === undefined) return;
  report({
    type: 'token_issued',
    clientId: token.clientId ?? '',
    resource: String(token.aud),
    scopes: token.scope === undefined ? [] : token.scope.split(' '),
    tokenId: token.jti,
    expiresAt: Math.floor(options.now() / 1000) + options.accessTokenLifetimeSeconds,
    remoteAddress: ctx.req.socket.remoteAddress,
  });
}

function answerRefusal(
  ctx: KoaContextWithOIDC,
  error: EngineError,
  issuer: string,
  report: ReportEvent,
): void {
  const claimed = claimedClient(ctx);
  const refusal = describeRefusal(error, {
    grantType: ctx.oidc.body?.['grant_type'],
    clientKnown: claimed?.known ?? true,
  });
  ctx.status = refusal.status;
  ctx.body = oauthError(refusal.error, refusal.description);
  if (refusal.status === 401) ctx.set('WWW-Authenticate', basicChallenge(issuer));
  else ctx.remove('WWW-Authenticate');
  // The rest of the body is not waited for.
  if (refusal.status === 413) ctx.set('Connection', 'close');
  report({
    type: 'token_refused',
    clientId: claimed !== undefined && isClientId(claimed.clientId) ? claimed.clientId : undefined,
    status: refusal.status,
    error: refusal.error,
    reason: refusal.reason,
    detail: redact(refusal.detail),
    remoteAddress: ctx.req.socket.remoteAddress,
  });
}

function answerFailure(ctx: KoaContextWithOIDC, error: Error, report: ReportEvent): void {
  const fromStore = isStoreFailure(error);
  ctx.status = fromStore ? 503 : 500;
  if (fromStore) ctx.set('Retry-After', '5');
  ctx.body = fromStore
    ? oauthError('temporarily_unavailable', 'the authorization server cannot reach its database; try again')
    : oauthError('server_error', 'the authorization server failed; its operator sees why');
  report({ type: 'server_failed', name: error.name, message: redact(error.message) });
  report({
    type: 'token_refused',
    clientId: undefined,
    status: ctx.status,
    error: fromStore ? 'temporarily_unavailable' : 'server_error',
    reason: fromStore ? 'store_unavailable' : 'internal_failure',
    detail: redact(error.message),
    remoteAddress: ctx.req.socket.remoteAddress,
  });
}
