import { untilAborted } from '../../until-aborted.ts';
import type { Challenge } from '../../www-authenticate.ts';
import type { AccessToken } from '../access-token.ts';
import { readDemandedScopes } from '../scopes/demanded-scopes.ts';
import { assertTrustedChallenge } from '../discovery/discovery.ts';
import { createRenewalBreaker } from './renewal-breaker.ts';
import type { ScopeSelection } from '../scopes/scope-selection.ts';
import type { TokenEvent } from '../token-event.ts';
import type { TokenKeeper } from './token-keeper.ts';

/** Answers the 401s of one resource. */
export interface UnauthorizedAnswerer {
  /** The token to try once more with; `undefined` where another token would not help. */
  answer(
    rejected: AccessToken,
    challenge: Challenge | undefined,
    signal: AbortSignal | undefined,
  ): Promise<AccessToken | undefined>;
  /** The resource has accepted a token. */
  accepted(token: AccessToken): void;
}

const REFUSED_HINT =
  'Compare the issuer and the audience of the tokens with what the MCP server accepts; its log says why it refuses them.';

/**
 * Answers a 401 with one renewal: none for a token that has since been replaced, none for a while where
 * renewed tokens were refused too.
 *
 * @throws TokenAcquisitionError where no new token can be had, or the challenge leads to another origin
 */
export function createUnauthorizedAnswerer(
  resource: string,
  keeper: TokenKeeper,
  selection: ScopeSelection,
  now: () => number,
  emit: (event: TokenEvent) => void,
  hint = REFUSED_HINT,
): UnauthorizedAnswerer {
  const breaker = createRenewalBreaker(now);
  let announced: number | undefined;

  function startRenewal(challenge: Challenge | undefined): Promise<AccessToken> | undefined {
    const allowedAt = breaker.allowedAt();
    if (now() < allowedAt) {
      if (announced !== allowedAt) {
        emit({ type: 'renewal_suspended', resource, until: new Date(allowedAt), hint });
      }
      announced = allowedAt;
      return undefined;
    }
    const resourceMetadataUrl = challenge?.parameters.resource_metadata;
    if (resourceMetadataUrl !== undefined) assertTrustedChallenge(resource, resourceMetadataUrl);
    const standing = keeper.standing();
    if (standing !== undefined) throw standing;
    const demanded = readDemandedScopes(challenge);
    if (demanded.length > 0) selection.noteChallenge(demanded, keeper.held?.requestedScopes ?? []);
    return keeper.renew('unauthorized', { resourceMetadataUrl }).then((token) => {
      breaker.renewed();
      return token;
    });
  }

  /** The token that has taken the place of the one rejected. */
  function replacementOf(rejected: AccessToken): AccessToken | undefined {
    const { held } = keeper;
    const replaced = held !== undefined && held.token.accessToken !== rejected.accessToken;
    return replaced && now() < held.usableUntil ? held.token : undefined;
  }

  return {
    async answer(rejected, challenge, signal) {
      const wait = <T>(work: Promise<T>): Promise<T> =>
        signal === undefined ? work : untilAborted(work, signal);
      const standing = keeper.running === undefined ? keeper.standing() : undefined;
      const replacement = replacementOf(rejected);
      if (replacement !== undefined) return replacement;
      if (standing !== undefined && now() >= breaker.allowedAt()) {
        const adopted = await wait(keeper.adopt(standing, 'unauthorized'));
        if (adopted !== undefined) {
          breaker.renewed();
          return adopted;
        }
        await wait(keeper.cured(standing));
        const meanwhile = replacementOf(rejected);
        if (meanwhile !== undefined) return meanwhile;
      }
      const renewal = keeper.running === undefined ? startRenewal(challenge) : keeper.renew('unauthorized');
      if (renewal === undefined) return undefined;
      const token = await wait(renewal);
      // Some authorization servers hand the same token out until it expires.
      return token.accessToken === rejected.accessToken ? undefined : token;
    },
    accepted(token) {
      if (token === keeper.held?.token) breaker.accepted();
    },
  };
}
