import { untilAborted } from '../../until-aborted.ts';
import type { TokenAcquisitionError, TokenAcquisitionErrorCode } from '../token-acquisition-error.ts';
import { createAcquisitionBackOff, type AcquisitionBackOff } from './acquisition-back-off.ts';

/** Refusals that speak of the client or of the server as a whole, and not of one resource. */
const OF_THE_CLIENT: ReadonlySet<TokenAcquisitionErrorCode> = new Set([
  'unavailable',
  'timeout',
  'unreachable',
  'redirected',
]);

/** Refusals that speak of one grant, whichever resource it is for: the client may still have others. */
const OF_THE_GRANT: ReadonlySet<TokenAcquisitionErrorCode> = new Set([
  'unauthorized_client',
  'unsupported_grant_type',
]);

/**
 * What the failures of one client at one authorization server forbid, for all resources together: a thousand of
 * them must not ask a thousand times what one has just been refused.
 */
export interface AcquisitionGate {
  /** The failure that forbids asking by this grant for now. */
  standing(grantType: string): TokenAcquisitionError | undefined;
  /** Asks to pass. After a failure one passes at a time, until it is known how that went. */
  enter(grantType: string): TokenAcquisitionError | undefined;
  /**
   * To be waited for before a request is sent. Where these credentials have not been taken yet, one request goes
   * first, and the others wait until its outcome is known: it may stand for all of them.
   *
   * @returns the end of the turn: to be called when the outcome has been told here
   * @throws the signal's reason
   */
  takeTurn(signal: AbortSignal): Promise<() => void>;
  /** Whether a failure is for the gate to remember. */
  concerns(error: TokenAcquisitionError): boolean;
  failed(error: TokenAcquisitionError, grantType: string): TokenAcquisitionError;
  succeeded(grantType: string): void;
  /** It passed and came to an end that says nothing of the whole. */
  left(): void;
  /** What stood may have been cured, the credential being another: the next one passes at once. */
  open(): void;
}

/** Creates an {@link AcquisitionGate}. */
export function createAcquisitionGate(now: () => number, probeMilliseconds: number): AcquisitionGate {
  const ofTheClient = createAcquisitionBackOff(now);
  const ofGrants = new Map<string, AcquisitionBackOff>();
  /** While one tries whether it works again: until then the others wait. */
  let probingUntil: number | undefined;
  let opened = false;
  /** Whether a request with these credentials has succeeded. */
  let proven = false;
  let first: Promise<void> | undefined;

  const standing = (grantType: string): TokenAcquisitionError | undefined =>
    (opened ? undefined : ofTheClient.standing()) ?? ofGrants.get(grantType)?.standing();
  const latest = (grantType: string, retryAt: number): TokenAcquisitionError | undefined =>
    ofTheClient.latest(new Date(retryAt)) ?? ofGrants.get(grantType)?.latest(new Date(retryAt));
  const ofGrant = (grantType: string): AcquisitionBackOff => {
    const backOff = ofGrants.get(grantType) ?? createAcquisitionBackOff(now);
    ofGrants.set(grantType, backOff);
    return backOff;
  };

  return {
    standing,
    enter(grantType) {
      const forbids = standing(grantType);
      // Of what comes after a cure one goes first, and the others wait for it.
      if (forbids !== undefined || opened) return forbids;
      const probing = probingUntil !== undefined && now() < probingUntil ? probingUntil : undefined;
      if (probing !== undefined) return latest(grantType, probing);
      if (latest(grantType, 0) !== undefined) probingUntil = now() + probeMilliseconds;
      return undefined;
    },
    async takeTurn(signal) {
      if (proven) return () => undefined;
      if (first !== undefined) {
        await untilAborted(first, signal);
        return () => undefined;
      }
      let end: () => void = () => undefined;
      const turn = new Promise<void>((resolve) => {
        end = resolve;
      });
      first = turn;
      return () => {
        if (first === turn) first = undefined;
        end();
      };
    },
    concerns: ({ step, code, credentialRefused }) =>
      step === 'client_authentication' ||
      (step === 'token_request' && (credentialRefused || OF_THE_CLIENT.has(code) || OF_THE_GRANT.has(code))),
    failed(error, grantType) {
      probingUntil = undefined;
      opened = false;
      const isOfGrant = OF_THE_GRANT.has(error.code) && !error.credentialRefused;
      const backOff = isOfGrant ? ofGrant(grantType) : ofTheClient;
      return backOff.failed(error);
    },
    succeeded(grantType) {
      probingUntil = undefined;
      opened = false;
      proven = true;
      ofTheClient.succeeded();
      ofGrants.delete(grantType);
    },
    left() {
      probingUntil = undefined;
    },
    open() {
      opened = true;
      proven = false;
      probingUntil = undefined;
    },
  };
}
