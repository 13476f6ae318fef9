import type { AdministrativeEvent } from '../events.ts';
import type { SigningKeyChanges } from '../store/signing-key-store.ts';
import type { KeyRingOptions } from './key-ring.ts';
import { activationOf, PUBLISHED_AFTER_MS, type KeyRecord, type KeyStep } from './key-schedule.ts';
import { makeKeyRecord } from './open-key.ts';
import type { SigningAlgorithm } from './signing-algorithm.ts';

/** Who changes keys, for the audit trail. */
export type KeyActor = Pick<AdministrativeEvent, 'actor' | 'remoteAddress'>;

/** Does one step, unless another instance changed the keys meanwhile. */
export type TakeKeyStep = (step: KeyStep, by?: KeyActor) => Promise<void>;

type Work = (changes: RecordedChanges) => Promise<boolean>;
type Times = Pick<KeyRecord, 'state' | 'createdAt' | 'activeFrom'>;

/**
 * Makes the function that changes the keys: each step in one transaction, with its record in the audit trail.
 */
export function createKeySteps(options: KeyRingOptions): TakeKeyStep {
  const { store, seal, algorithm, signers, rotationIntervalSeconds, report, now } = options;
  const intervalMs = rotationIntervalSeconds * 1000;

  const make = async (of: SigningAlgorithm | 'signer', times: Times): Promise<KeyRecord> => {
    if (of !== 'signer') return await makeKeyRecord(of, seal, times);
    const [signer] = signers;
    if (signer === undefined) throw new Error('there is no external signer');
    const { keyId, algorithm: ofSigner, publicJwk } = signer;
    return {
      keyId,
      algorithm: ofSigner,
      publicJwk,
      sealedPrivateJwk: undefined,
      ...times,
      retiresAt: undefined,
    };
  };

  const makeNext = async (of: SigningAlgorithm | 'signer', dueAt: number): Promise<KeyRecord> => {
    const createdAt = now();
    return await make(of, { state: 'next', createdAt, activeFrom: activationOf(createdAt, dueAt) });
  };

  const makeCurrent = async (of: SigningAlgorithm | 'signer'): Promise<KeyRecord> => {
    const at = now();
    return await make(of, { state: 'current', createdAt: at, activeFrom: at });
  };

  const planActivation = async (current: KeyRecord, next: KeyRecord): Promise<Work> => {
    const at = now();
    const isOurs = next.sealedPrivateJwk !== undefined;
    const following = isOurs ? await makeNext(algorithm ?? next.algorithm, at + intervalMs) : undefined;
    return async ({ demote, promote, add }) =>
      (await demote(current, at + PUBLISHED_AFTER_MS)) && (await promote(next, at)) && (await add(following));
  };

  const planWithdrawal = async (key: KeyRecord, keys: readonly KeyRecord[]): Promise<Work> => {
    const at = now();
    const of = algorithm ?? key.algorithm;
    const next = keys.find(({ state }) => state === 'next');
    if (key.state === 'current') {
      const instead = next === undefined ? await makeCurrent(of) : undefined;
      const following = await makeNext(of, at + intervalMs);
      return async ({ remove, promote, add }) =>
        (await remove(key, 'withdrawn')) &&
        (await add(instead)) &&
        (next === undefined || (await promote(next, at))) &&
        (await add(following));
    }
    const isNextOfOurs = key.state === 'next' && key.sealedPrivateJwk !== undefined;
    const following = isNextOfOurs ? await makeNext(of, key.activeFrom) : undefined;
    return async ({ remove, add }) => (await remove(key, 'withdrawn')) && (await add(following));
  };

  const plan = async (step: KeyStep): Promise<Work> => {
    switch (step.kind) {
      case 'begin': {
        const first = await makeCurrent(signers.length > 0 ? 'signer' : (algorithm ?? 'ES256'));
        return async ({ add }) => await add(first);
      }
      case 'prepare': {
        const { current } = step;
        const next = await makeNext(algorithm ?? current.algorithm, current.activeFrom + intervalMs);
        return async ({ add }) => await add(next);
      }
      case 'activate':
        return await planActivation(step.current, step.next);
      case 'retire':
        return async ({ remove }) => {
          for (const key of step.keys) if (!(await remove(key, 'schedule'))) return false;
          return true;
        };
      case 'replace': {
        const next = await makeNext(step.with, step.dueAt);
        return async ({ remove, add }) => (await remove(step.next, 'replaced')) && (await add(next));
      }
      case 'hasten': {
        const { next } = step;
        const activeFrom = Math.min(next.activeFrom, activationOf(next.createdAt, step.dueAt));
        return async ({ reschedule }) => await reschedule(next, activeFrom);
      }
      case 'restore':
        return async ({ remove, restore }) =>
          (await remove(step.next, 'replaced')) && (await restore(step.key, now()));
      case 'withdraw':
        return await planWithdrawal(step.key, step.keys);
    }
  };

  return async (step, by = { actor: 'server' }) => {
    // Making a key takes time: it is done before the transaction, in which others wait.
    const work = await plan(step);
    await store.change(async (changes) => await work(recordChanges(changes, report, by)));
  };
}

/** Changes to keys that are recorded; what is undefined needs no change. */
interface RecordedChanges {
  readonly add: (key: KeyRecord | undefined) => Promise<boolean>;
  readonly remove: (
    key: KeyRecord | undefined,
    cause: 'schedule' | 'withdrawn' | 'replaced',
  ) => Promise<boolean>;
  readonly promote: (key: KeyRecord, at: number) => Promise<boolean>;
  readonly demote: (key: KeyRecord, retiresAt: number) => Promise<boolean>;
  readonly reschedule: (key: KeyRecord, activeFrom: number) => Promise<boolean>;
  readonly restore: (key: KeyRecord, activeFrom: number) => Promise<boolean>;
}

function recordChanges(
  changes: SigningKeyChanges,
  report: KeyRingOptions['report'],
  by: KeyActor,
): RecordedChanges {
  const { transaction } = changes;
  return {
    async add(key) {
      if (key === undefined) return true;
      if (!(await changes.add(key))) return false;
      const { keyId, algorithm } = key;
      await report({ ...by, type: 'signing_key_created', keyId, algorithm }, transaction);
      return true;
    },
    async remove(key, cause) {
      if (key === undefined) return true;
      if (!(await changes.remove(key))) return false;
      await report({ ...by, type: 'signing_key_retired', keyId: key.keyId, cause }, transaction);
      return true;
    },
    async promote(key, at) {
      if (!(await changes.move(key, { state: 'current', activeFrom: at }))) return false;
      const { keyId, algorithm } = key;
      await report({ ...by, type: 'signing_key_activated', keyId, algorithm }, transaction);
      return true;
    },
    demote: async (key, retiresAt) => await changes.move(key, { state: 'previous', retiresAt }),
    async reschedule(key, activeFrom) {
      if (!(await changes.move(key, { activeFrom }))) return false;
      const { keyId } = key;
      await report({ ...by, type: 'signing_key_scheduled', keyId, activeFrom }, transaction);
      return true;
    },
    restore: async (key, activeFrom) => await changes.move(key, { state: 'next', activeFrom }),
  };
}
