import type { KeyObject } from 'node:crypto';

import { AuthorizationServerError } from '../authorization-server-error.ts';
import type { ReportEvent } from '../events.ts';
import type { SigningKeyStore } from '../store/signing-key-store.ts';
import {
  decideKeyStep,
  decideOptionStep,
  KEY_POLL_SECONDS,
  type KeyRecord,
  type KeyStep,
} from './key-schedule.ts';
import { createKeySteps, type KeyActor } from './key-steps.ts';
import { openKey } from './open-key.ts';
import type { PublicJwk } from './public-jwk.ts';
import type { SigningAlgorithm } from './signing-algorithm.ts';
import type { SigningKey } from './signing-key.ts';

/** What one instance knows of the signing keys. */
export interface KeyRing {
  /**
   * Makes sure that what is known is recent, and does what is due. To be called before anything is signed or
   * published; answers without a promise when nothing has to be read.
   *
   * @throws whatever the store throws
   */
  refresh(): undefined | Promise<void>;
  /** Decides on a change by what is stored now, makes it, and reads again what came of it. */
  change(decide: (records: readonly KeyRecord[]) => KeyStep, by: KeyActor): Promise<readonly KeyRecord[]>;
  /** The key that signs. */
  current(): SigningKey;
  /** Every key that tokens are verified with; another array whenever they changed. */
  published(): readonly PublicJwk[];
  /** The current key, those before it, the next one. */
  records(): readonly KeyRecord[];
}

/** How keys are made and turned over. */
export interface KeyRingOptions {
  readonly store: SigningKeyStore;
  /** Encrypts private parts. */
  readonly seal: KeyObject;
  /** Of new keys; that of the current key when undefined, ES256 for the first. */
  readonly algorithm: SigningAlgorithm | undefined;
  /** External signers, the one that is to sign first. */
  readonly signers: readonly SigningKey[];
  readonly rotationIntervalSeconds: number;
  readonly report: ReportEvent;
  /** The clock, in milliseconds. */
  readonly now: () => number;
}

/** More steps than this in a row are never due. */
const MAX_STEPS = 8;

/**
 * Opens the signing keys: makes the first ones on the first start, and schedules another one when the options
 * ask for another algorithm or signer.
 *
 * Nothing runs on a timer: what is due is done when the keys are used next. One instance does it, the others
 * find it done.
 *
 * @throws AuthorizationServerError `database_key_mismatch` or `signer_missing`
 */
export async function openKeyRing(options: KeyRingOptions): Promise<KeyRing> {
  const { store, seal, signers, now } = options;
  const external = new Map(signers.map((signer) => [signer.keyId, signer]));
  const opened = new Map<string, SigningKey>();
  const take = createKeySteps(options);
  let records: readonly KeyRecord[] = [];
  let published: readonly PublicJwk[] = [];
  let signing: SigningKey | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  const open = (record: KeyRecord): SigningKey | undefined => {
    const { keyId, sealedPrivateJwk } = record;
    if (sealedPrivateJwk === undefined) {
      const signer = external.get(keyId);
      return signer !== undefined && isSameKey(signer.publicJwk, record.publicJwk) ? signer : undefined;
    }
    let key = opened.get(keyId);
    if (key === undefined) opened.set(keyId, (key = openKey(record, sealedPrivateJwk, seal)));
    return key;
  };

  const assertUsable = (found: readonly KeyRecord[]): void => {
    for (const record of found) {
      if (record.sealedPrivateJwk === undefined && external.has(record.keyId) && open(record) === undefined) {
        throw new TypeError(
          `signer: the keyId "${record.keyId}" is that of another key, which is published still; every key has its own.`,
        );
      }
    }
    const current = found.find(({ state }) => state === 'current');
    if (current === undefined || open(current) === undefined) throw signerMissing(current?.keyId);
  };

  const settle = async (): Promise<readonly KeyRecord[]> => {
    const rules = { canSign: (key: KeyRecord) => open(key) !== undefined, external: signers.length > 0 };
    for (let count = 0; count < MAX_STEPS; count++) {
      const found = await store.list();
      const step = decideKeyStep(found, { ...rules, now: now() });
      if (step === undefined) return found;
      await take(step);
    }
    throw new Error('the signing keys do not come to rest');
  };

  const load = async (): Promise<void> => {
    const at = now();
    const found = inOrder(await settle());
    const usable = found.filter(({ state }) => state !== 'next');
    // Another instance may have begun to sign with what this one has no signer for: the key before it is
    // still published.
    signing = usable.map(open).find((key) => key !== undefined);
    if (!sameKeys(found, records)) published = found.map(({ publicJwk }) => publicJwk);
    for (const keyId of opened.keys()) if (!found.some((key) => key.keyId === keyId)) opened.delete(keyId);
    records = found;
    readAt = at;
  };

  const reload = (): Promise<void> => {
    reading ??= load().finally(() => (reading = undefined));
    return reading;
  };

  const found = await settle();
  assertUsable(found);
  const wanted = decideOptionStep(found, { ...options, signerKeyId: signers[0]?.keyId });
  if (wanted !== undefined) await take(wanted);
  await reload();

  return {
    refresh: () => (Math.abs(now() - readAt) < KEY_POLL_SECONDS * 1000 ? undefined : reload()),
    async change(decide, by) {
      await take(decide(await store.list()), by);
      // What is being read may have been read before.
      await reading?.catch(() => undefined);
      await reload();
      return records;
    },
    current() {
      if (signing === undefined) throw signerMissing(records.find(({ state }) => state === 'current')?.keyId);
      return signing;
    },
    published: () => published,
    records: () => records,
  };
}

const ORDER = ['current', 'previous', 'next'];

/** The key that signs first, then those that signed before it, the latest first. */
function inOrder(records: readonly KeyRecord[]): readonly KeyRecord[] {
  return records.toSorted(
    (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.activeFrom - a.activeFrom,
  );
}

function sameKeys(a: readonly KeyRecord[], b: readonly KeyRecord[]): boolean {
  return (
    a.length === b.length && a.every(({ keyId, state }, i) => b[i]?.keyId === keyId && b[i].state === state)
  );
}

function isSameKey(a: PublicJwk, b: PublicJwk): boolean {
  return (['kty', 'crv', 'x', 'y', 'n', 'e'] as const).every((member) => a[member] === b[member]);
}

function signerMissing(keyId: string | undefined): AuthorizationServerError {
  return new AuthorizationServerError(
    'signer_missing',
    `The current signing key "${keyId ?? ''}" is held by an external signer: pass it in "signer". To change signers, pass the new one first and this one second until the new one signs.`,
  );
}
