import { assertKnownOptions } from '../../known-options.ts';
import { assertSignatureAlgorithms, type SignatureAlgorithm } from '../signature-algorithms.ts';
import type { ReplayStore } from './replay-store.ts';

/** How DPoP proofs are asked for and checked. */
export interface DpopOptions {
  /** Refuses tokens that are not bound to a key. Default false: bound tokens need a proof, others do not. */
  readonly required?: boolean;
  /** Signature algorithms of proofs. Default ES256, ES384, EdDSA, Ed25519, PS256 and RS256. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** How far the time of a proof may be from ours, in seconds, 10 to 600. Default 300. */
  readonly proofWindowSeconds?: number;
  /**
   * Demands nonces: `true`, or with a secret of at least 32 bytes that several instances share, and how long a
   * nonce is handed out (1 to 3600 seconds, default 150). Default false.
   */
  readonly nonce?: boolean | { readonly secret?: Uint8Array; readonly lifetimeSeconds?: number };
  /** Remembers used proofs. Default: in this process's memory. */
  readonly replayStore?: ReplayStore;
}

/** The options with their defaults; `undefined` where DPoP is switched off. */
export interface DpopSettings {
  readonly required: boolean;
  readonly algorithms: readonly SignatureAlgorithm[];
  readonly proofWindowSeconds: number;
  readonly nonce: { readonly secret?: Uint8Array; readonly lifetimeSeconds?: number } | undefined;
  readonly replayStore: ReplayStore | undefined;
}

/** Signature algorithms of proofs, unless others are configured. */
export const DEFAULT_PROOF_ALGORITHMS: readonly SignatureAlgorithm[] = [
  'ES256',
  'ES384',
  'EdDSA',
  'Ed25519',
  'PS256',
  'RS256',
];

/**
 * Validates the options.
 *
 * @throws TypeError naming the option and the mend
 */
export function readDpopOptions(options: DpopOptions | false | undefined): DpopSettings | undefined {
  if (options === false) return undefined;
  const given = options ?? {};
  assertKnownOptions(given, ['required', 'algorithms', 'proofWindowSeconds', 'nonce', 'replayStore'], 'dpop');
  const {
    required = false,
    algorithms = DEFAULT_PROOF_ALGORITHMS,
    proofWindowSeconds = 300,
    nonce = false,
    replayStore,
  } = given;
  if (typeof required !== 'boolean') throw new TypeError('dpop.required must be true or false.');
  assertSignatureAlgorithms(algorithms, 'dpop.algorithms');
  if (typeof proofWindowSeconds !== 'number' || !(proofWindowSeconds >= 10 && proofWindowSeconds <= 600)) {
    throw new TypeError('dpop.proofWindowSeconds must be a number from 10 to 600.');
  }
  if (typeof nonce !== 'boolean') assertKnownOptions(nonce, ['secret', 'lifetimeSeconds'], 'dpop.nonce');
  if (replayStore !== undefined && typeof (replayStore as ReplayStore | null)?.useOnce !== 'function') {
    throw new TypeError('dpop.replayStore must have a function useOnce(key, expiresAt).');
  }
  return {
    required,
    algorithms,
    proofWindowSeconds,
    nonce: nonce === true ? {} : nonce === false ? undefined : nonce,
    replayStore,
  };
}
