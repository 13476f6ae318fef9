import type { TokenAcquisitionError } from './token-acquisition-error.ts';

/** Why a token was asked for. */
export type TokenRequestReason = 'cold' | 'refresh' | 'unauthorized' | 'step-up';

/** An attempt to obtain a token has ended, discovery included. */
export interface TokenRequestEvent {
  readonly type: 'token_request';
  /**
   * `cold`: there was none; `refresh`: the old one is near or past its end; `unauthorized`: the resource
   * answered 401; `step-up`: it asked for more scopes.
   */
  readonly reason: TokenRequestReason;
  readonly outcome: 'success' | 'failure';
  /** Whether callers had to wait for it, as there was no token to go on with: then a failure fails requests. */
  readonly blocking: boolean;
  readonly durationMilliseconds: number;
  readonly resource: string;
  readonly issuer: string;
  readonly clientId: string;
  /** On success, the scopes granted. */
  readonly scopes?: readonly string[];
  /** On success, in seconds since the epoch, where the server said. */
  readonly expiresAt?: number | undefined;
  /** On failure. */
  readonly error?: TokenAcquisitionError;
}

/** The token grants scopes that were not asked for. */
export interface ScopeWidenedEvent {
  readonly type: 'scope_widened';
  readonly resource: string;
  readonly requested: readonly string[];
  readonly granted: readonly string[];
}

/** The resource asked for scopes and no token request was made for them, or it did not bring them. */
export interface StepUpDeclinedEvent {
  readonly type: 'step_up_declined';
  readonly resource: string;
  /** What the resource asked for. */
  readonly scopes: readonly string[];
  /**
   * `above_ceiling`: the option `scopes` does not contain them; `already_granted`: the token had them;
   * `refused_before`: the authorization server has refused them lately; `too_many_scopes`: with those requested
   * so far they are more than 8,192 characters; `suspended`: there were too many step-ups, ten at once or one a
   * minute; `not_granted`: the authorization server has just refused them, or granted less; `failed`: it could
   * not be asked.
   */
  readonly cause:
    | 'above_ceiling'
    | 'already_granted'
    | 'refused_before'
    | 'too_many_scopes'
    | 'suspended'
    | 'not_granted'
    | 'failed';
}

/** A fresh token is ready, but the refused request had a body that can be read only once. */
export interface NotReplayableEvent {
  readonly type: 'not_replayable';
  readonly resource: string;
  readonly status: 401 | 403;
}

/** The resource refuses tokens that were obtained in answer to its own refusal: no more are fetched for a while. */
export interface RenewalSuspendedEvent {
  readonly type: 'renewal_suspended';
  readonly resource: string;
  readonly until: Date;
  /** What a person can look at. */
  readonly hint: string;
}

/** The authorization server has refused one of the client's credentials; the next one, if any, is tried. */
export interface CredentialRefusedEvent {
  readonly type: 'credential_refused';
  readonly issuer: string;
  readonly clientId: string;
  /** How it authenticates, such as `private_key_jwt`. */
  readonly method: string;
  /** Where it stands in the option `authentication`, from 0. */
  readonly position: number;
}

/** The store of shared tokens fails or hangs: tokens are obtained without it. */
export interface StoreFailedEvent {
  readonly type: 'store_failed';
  readonly issuer: string;
  readonly clientId: string;
  readonly error: Error;
}

/** A token was taken that another process had obtained. */
export interface TokenSharedEvent {
  readonly type: 'token_shared';
  readonly reason: TokenRequestReason;
  readonly resource: string;
  readonly scopes: readonly string[];
  /** In seconds since the epoch, where the server said. */
  readonly expiresAt: number | undefined;
}

/** `dangerouslyOmitResource` is on; sent once, at construction. */
export interface ResourceOmittedEvent {
  readonly type: 'resource_omitted';
  readonly resource: string;
}

/** What a token source tells its operator. Never holds a secret, an assertion or a token. */
export type TokenEvent =
  | TokenRequestEvent
  | ScopeWidenedEvent
  | StepUpDeclinedEvent
  | NotReplayableEvent
  | RenewalSuspendedEvent
  | CredentialRefusedEvent
  | StoreFailedEvent
  | TokenSharedEvent
  | ResourceOmittedEvent;

/** Receives events; what it throws or rejects with changes nothing. */
export type TokenEventListener = (event: TokenEvent) => unknown;
