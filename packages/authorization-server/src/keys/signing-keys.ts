import { assertKnownOptions } from '@mcp-m2m/core';

import { OWNER, type Administrator } from '../administrator.ts';
import { AuthorizationServerError } from '../authorization-server-error.ts';
import { redact } from '../redaction.ts';
import type { KeyRing } from './key-ring.ts';
import type { KeyRecord, KeyStep } from './key-schedule.ts';
import type { KeyActor } from './key-steps.ts';
import { parseSigningAlgorithm, type SigningAlgorithm } from './signing-algorithm.ts';

/** A signing key, without its private part. */
export interface SigningKeyDescription {
  readonly keyId: string;
  readonly algorithm: SigningAlgorithm;
  /** `next` is published and does not sign yet, `previous` is published and signs no longer. */
  readonly state: 'next' | 'current' | 'previous';
  /** Where the private part is: encrypted in the database, or with an external signer. */
  readonly heldBy: 'database' | 'external_signer';
  /** Since when it is published (ISO 8601). */
  readonly createdAt: string;
  /** From when on it signs, or has signed (ISO 8601). */
  readonly activeFrom: string;
  /** From when on it is no longer published (ISO 8601), for a previous one. */
  readonly retiresAt: string | undefined;
}

/** What became of a key that was taken out of use at once. */
export interface RetiredSigningKey {
  readonly keyId: string;
  /** The key that signs from now on. */
  readonly currentKeyId: string;
  /** What it means for the tokens that are out, in words. */
  readonly meaning: string;
}

/** The keys that sign access tokens. */
export interface SigningKeys {
  /** All published keys: the current one, those before it, the next one. */
  list(): Promise<readonly SigningKeyDescription[]>;
  /**
   * Has the next key sign as soon as every copy of the key set has it: at once where it was published long
   * enough, else within minutes. No token is refused for it.
   *
   * @param options - `algorithm` of the new key; that of the current one unless given
   * @returns the key that is to sign, and from when on
   * @throws TypeError when the option `signingAlgorithm` asks for another algorithm
   * @throws AuthorizationServerError `signing_key_external` when an external signer holds the keys
   */
  rotate(
    options?: { readonly algorithm?: SigningAlgorithm },
    by?: Administrator,
  ): Promise<SigningKeyDescription>;
  /**
   * Takes a key out of use that must not be trusted any more: it signs no longer and is not published. Tokens
   * that it signed are refused from the next fetch of the key set on, so their holders have to get new ones.
   *
   * Other instances notice within 10 seconds, and resource servers once their copy of the key set has expired:
   * after 300 seconds, or what they allow themselves. A copy of the private key stays able to sign until then.
   *
   * @throws AuthorizationServerError `not_found`, or `signing_key_external` for the current key of an external
   *   signer: start with another signer first
   */
  retire(keyId: string, by?: Administrator): Promise<RetiredSigningKey>;
}

/** Dependencies of {@link createSigningKeys}. */
export interface SigningKeysDependencies {
  readonly ring: KeyRing;
  /** The option `signingAlgorithm`. */
  readonly algorithm: SigningAlgorithm | undefined;
}

/** Makes the administrative interface to the signing keys. */
export function createSigningKeys({ ring, algorithm: configured }: SigningKeysDependencies): SigningKeys {
  return {
    async list() {
      await ring.refresh();
      return ring.records().map(describeKey);
    },

    async rotate(options = {}, by = OWNER) {
      assertKnownOptions(options, ['algorithm'], 'signingKeys.rotate');
      const wanted =
        options.algorithm === undefined ? undefined : parseSigningAlgorithm(options.algorithm, 'algorithm');
      if (wanted !== undefined && configured !== undefined && wanted !== configured) {
        throw new TypeError(
          `algorithm: the option signingAlgorithm asks for ${configured}; change it there, the next start rotates to it.`,
        );
      }
      let hastened: string | undefined;
      const records = await ring.change((keys) => {
        const step = decideRotation(keys, wanted);
        if (step.kind === 'hasten') hastened = step.next.keyId;
        return step;
      }, actorOf(by));
      const chosen =
        records.find(({ keyId }) => keyId === hastened) ?? records.find(({ state }) => state === 'next');
      return describeKey(chosen as KeyRecord);
    },

    async retire(keyId, by = OWNER) {
      let state: KeyRecord['state'] = 'previous';
      const records = await ring.change((keys) => {
        const key = keys.find((one) => one.keyId === keyId);
        if (key === undefined) {
          throw new AuthorizationServerError('not_found', `There is no signing key "${redact(keyId)}".`);
        }
        if (key.state === 'current' && key.sealedPrivateJwk === undefined) {
          throw external('start with another signer, and retire it then');
        }
        ({ state } = key);
        return { kind: 'withdraw', key, keys };
      }, actorOf(by));
      const currentKeyId = records.find((key) => key.state === 'current')?.keyId ?? '';
      return { keyId, currentKeyId, meaning: MEANINGS[state] };
    },
  };
}

const MEANINGS = {
  next: 'It never signed: no token is affected.',
  current:
    'It signs no longer and is not published. Tokens that it signed are refused as soon as resource servers fetch the key set again, after 300 seconds at the latest where they heed its max-age; until then they accept what a copy of the key signs. Clients get new tokens by asking again.',
  previous:
    'It is not published any more. Tokens that it signed and that have not expired are refused as soon as resource servers fetch the key set again, after 300 seconds at the latest where they heed its max-age.',
} as const satisfies Record<KeyRecord['state'], string>;

function decideRotation(keys: readonly KeyRecord[], wanted: SigningAlgorithm | undefined): KeyStep {
  const current = keys.find(({ state }) => state === 'current');
  const next = keys.find(({ state }) => state === 'next');
  const algorithm = wanted ?? next?.algorithm ?? current?.algorithm;
  if (wanted === undefined && current !== undefined && current.sealedPrivateJwk === undefined) {
    throw external('start with the new key’s signer first in "signer"');
  }
  if (next !== undefined && next.algorithm === algorithm && next.sealedPrivateJwk !== undefined) {
    return { kind: 'hasten', next, dueAt: 0 };
  }
  return { kind: 'replace', next, with: algorithm ?? 'ES256', dueAt: 0 };
}

function external(mend: string): AuthorizationServerError {
  return new AuthorizationServerError(
    'signing_key_external',
    `The current signing key is held by an external signer: ${mend}.`,
  );
}

function actorOf({ actor, address }: Administrator): KeyActor {
  return { actor, remoteAddress: address };
}

function describeKey(key: KeyRecord): SigningKeyDescription {
  return {
    keyId: key.keyId,
    algorithm: key.algorithm,
    state: key.state,
    heldBy: key.sealedPrivateJwk === undefined ? 'external_signer' : 'database',
    createdAt: new Date(key.createdAt).toISOString(),
    activeFrom: new Date(key.activeFrom).toISOString(),
    retiresAt: key.retiresAt === undefined ? undefined : new Date(key.retiresAt).toISOString(),
  };
}
