import type { AccessToken } from '../access-token.ts';
import type { TokenResponse } from '../token-endpoint/token-response.ts';

/** A lifetime the server did not state: long enough to spare it, short enough to be harmless. */
const UNSTATED_LIFETIME_SECONDS = 300;
/** Used no longer than until this long before the end, for clocks and for the way to the resource. */
const EXPIRY_MARGIN_MILLISECONDS = 30_000;
/** The margin of a short-lived token, as a part of its lifetime. */
const EXPIRY_MARGIN_PART = 0.1;
/** Renewed in the background from about this part of its lifetime, spread so that a fleet does not march in step. */
const REFRESH_PART = 0.8;
const REFRESH_SPREAD = 0.1;

/** A token in use. */
export interface HeldToken {
  readonly token: AccessToken;
  /** Scopes it was requested with. */
  readonly requestedScopes: readonly string[];
  /** When it was requested. Milliseconds since the epoch, as all that follow. */
  readonly requestedAt: number;
  /** From then on a new one is fetched while this one is still used. */
  readonly refreshAt: number;
  /** Until then it is used without a thought. */
  readonly usableUntil: number;
  /** Until then it is used if no new one can be had. */
  readonly livesUntil: number;
}

/**
 * Plans how long a token is used, counted from when it was requested.
 *
 * A token that lives zero seconds comes out as past its end: good for the request at hand, never kept.
 */
export function holdToken(
  { token, lifetimeSeconds }: TokenResponse,
  requestedScopes: readonly string[],
  requestedAt: number,
): HeldToken {
  const lifetime = (lifetimeSeconds ?? UNSTATED_LIFETIME_SECONDS) * 1000;
  const margin = Math.min(EXPIRY_MARGIN_MILLISECONDS, lifetime * EXPIRY_MARGIN_PART);
  const part = REFRESH_PART + (Math.random() - 0.5) * REFRESH_SPREAD;
  return {
    token,
    requestedScopes,
    requestedAt,
    refreshAt: requestedAt + Math.min(lifetime * part, lifetime - margin),
    usableUntil: requestedAt + lifetime - margin,
    livesUntil: requestedAt + lifetime,
  };
}
