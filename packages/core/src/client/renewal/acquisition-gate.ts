import type { TokenAcquisitionError, TokenAcquisitionErrorCode } from '../token-acquisition-error.ts';
import { createAcquisitionBackOff } from './acquisition-back-off.ts';

/** Refusals that speak of the client or of the server as a whole, and not of one resource. */
const OF_THE_CLIENT: ReadonlySet<TokenAcquisitionErrorCode> = new Set([
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
  'unavailable',
  'timeout',
  'unreachable',
  'redirected',
]);

/**
 * What the failures of one client at one authorization server forbid, for all resources together: a thousand of
 * them must not ask a thousand times what one has just been refused.
 */
export interface AcquisitionGate {
  /** The failure that forbids asking for now. */
  standing(): TokenAcquisitionError | undefined;
  /** Asks to pass. After a failure one passes at a time, until it is known how that went. */
  enter(): TokenAcquisitionError | undefined;
  /** Whether a failure is for the gate to remember. */
  concerns(error: TokenAcquisitionError): boolean;
  failed(error: TokenAcquisitionError): TokenAcquisitionError;
  succeeded(): void;
  /** It passed and came to an end that says nothing of the whole. */
  left(): void;
  /** What stood may have been cured: the next one passes at once. */
  open(): void;
}

/** Creates an {@link AcquisitionGate}. */
export function createAcquisitionGate(now: () => number, probeMilliseconds: number): AcquisitionGate {
  const backOff = createAcquisitionBackOff(now);
  /** While one tries whether it works again: until then the others wait. */
  let probingUntil: number | undefined;
  let opened = false;
  return {
    standing: () => (opened ? undefined : backOff.standing()),
    enter() {
      const standing = opened ? undefined : backOff.standing();
      if (standing !== undefined) return standing;
      if (probingUntil !== undefined && now() < probingUntil) return backOff.latest(new Date(probingUntil));
      opened = false;
      if (backOff.latest(new Date(0)) !== undefined) probingUntil = now() + probeMilliseconds;
      return undefined;
    },
    concerns: ({ step, code }) =>
      step === 'client_authentication' || (step === 'token_request' && OF_THE_CLIENT.has(code)),
    failed(error) {
      probingUntil = undefined;
      return backOff.failed(error);
    },
    succeeded() {
      probingUntil = undefined;
      opened = false;
      backOff.succeeded();
    },
    left() {
      probingUntil = undefined;
    },
    open() {
      opened = true;
      probingUntil = undefined;
    },
  };
}
