import { Provider, type KoaContextWithOIDC } from 'oidc-provider';

import type { ReportEvent } from '../events.ts';
import { installGrants } from '../grants/grants.ts';
import { installPresentedAssertions } from '../grants/presented-assertion.ts';
import { basicChallenge, oauthError } from '../http/oauth-error.ts';
import { isClientId } from '../clients/client-id.ts';
import { redact } from '../redaction.ts';
import { isStoreFailure } from '../store/store-failure.ts';
import { installClientAuthentication } from './client-authentication.ts';
import { isCountedFailure, throttledRefusal } from './counted-failures.ts';
import { claimedClient } from './engine-adapter.ts';
import { configureEngine, type EngineOptions } from './engine-configuration.ts';
import { installInternalGrants, internalGrantOf, refusalEvent } from './internal-grants.ts';
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
  installInternalGrants(provider, options);
  installPresentedAssertions(provider);
  installGrants(provider, options);
  provider.use(async (ctx, next) => {
    await next();
    // The engine lets any page read what it refuses before it knows the client.
    ctx.remove('Access-Control-Allow-Origin');
    ctx.remove('Access-Control-Expose-Headers');
  });
  // Failures are reported as events; a library does not write to the console.
  provider.silent = true;
  provider.on('grant.success', (ctx) => reportIssued(ctx, options, report));
  answerRefusals(provider, options, report);
  provider.on('server_error', (ctx, error) => answerFailure(ctx, error, options, report));
  return provider;
}

function reportIssued(ctx: KoaContextWithOIDC, options: EngineOptions, report: ReportEvent): void {
  const token = ctx.oidc.entities.ClientCredentials;
  const clientId = ctx.oidc.client?.clientId;
  if (clientId !== undefined) options.throttle.succeed(clientId, options.clientAddress(ctx.req));
  // It was a request to another endpoint.
  if (token === undefined) return;
  report({
    type: 'token_issued',
    clientId: token.clientId ?? '',
    resource: String(token.aud),
    scopes: token.scope === undefined ? [] : token.scope.split(' '),
    tokenId: token.jti,
    expiresAt: Math.floor(options.now() / 1000) + token.expiration,
    remoteAddress: options.clientAddress(ctx.req),
  });
}

/** Refusals are counted, which takes time, before they are answered and reported. */
function answerRefusals(provider: Provider, options: EngineOptions, report: ReportEvent): void {
  const refused = new WeakMap<object, EngineError>();
  provider.on('grant.error', (ctx, error) => void refused.set(ctx, error));
  provider.use(async (context, next) => {
    await next();
    const error = refused.get(context);
    // Sent already: to a request that did not arrive in time.
    if (error === undefined || context.headerSent) return;
    const ctx = context as KoaContextWithOIDC;
    try {
      await answerRefusal(ctx, error, options, report);
    } catch (failure) {
      answerFailure(ctx, failure as Error, options, report);
    }
  });
}

async function answerRefusal(
  ctx: KoaContextWithOIDC,
  error: EngineError,
  { issuer, throttle, clientAddress }: EngineOptions,
  report: ReportEvent,
): Promise<void> {
  const claimed = claimedClient(ctx);
  const remoteAddress = clientAddress(ctx.req);
  let refusal = describeRefusal(error, {
    grantType: internalGrantOf(ctx.req) === undefined ? ctx.oidc.body?.['grant_type'] : undefined,
    clientKnown: claimed?.known ?? true,
  });
  if (claimed !== undefined && isCountedFailure(refusal)) {
    const seconds = await throttle.fail(claimed.clientId, remoteAddress);
    if (seconds !== undefined)
      refusal = { ...throttledRefusal(seconds), detail: `too often: ${refusal.detail}` };
  }
  ctx.set({ ...refusal.headers });
  ctx.status = refusal.status;
  ctx.body = oauthError(refusal.error, refusal.description);
  if (refusal.status === 401) ctx.set('WWW-Authenticate', basicChallenge(issuer));
  else ctx.remove('WWW-Authenticate');
  // The rest of the body is not waited for.
  if (refusal.status === 413) ctx.set('Connection', 'close');
  report(
    refusalEvent(ctx.req, {
      clientId: claimed !== undefined && isClientId(claimed.clientId) ? claimed.clientId : undefined,
      status: refusal.status,
      error: refusal.error,
      reason: refusal.reason,
      detail: redact(refusal.detail),
      remoteAddress,
    }),
  );
}

function answerFailure(
  ctx: KoaContextWithOIDC,
  error: Error,
  { clientAddress }: EngineOptions,
  report: ReportEvent,
): void {
  const fromStore = isStoreFailure(error);
  ctx.status = fromStore ? 503 : 500;
  if (fromStore) ctx.set('Retry-After', '5');
  ctx.body = fromStore
    ? oauthError('temporarily_unavailable', 'the authorization server cannot reach its database; try again')
    : oauthError('server_error', 'the authorization server failed; its operator sees why');
  report({ type: 'server_failed', name: error.name, message: redact(error.message) });
  report(
    refusalEvent(ctx.req, {
      clientId: undefined,
      status: ctx.status,
      error: fromStore ? 'temporarily_unavailable' : 'server_error',
      reason: fromStore ? 'store_unavailable' : 'internal_failure',
      detail: redact(error.message),
      remoteAddress: clientAddress(ctx.req),
    }),
  );
}
