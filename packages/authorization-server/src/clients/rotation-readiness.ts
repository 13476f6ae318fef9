import type { StoredSecret } from '../store/client-details.ts';
import type { ClientUses } from '../store/last-uses.ts';
import type { ClientSecret } from './client.ts';
import { viewSecret } from './client-view.ts';
import { toIsoTime } from './iso-time.ts';

/** How far a rotation has come, and what to do. Times are ISO 8601. */
export interface RotationReadiness {
  /**
   * - `new_unused`: nobody has used the new secret yet
   * - `old_in_use`: the old one was used a short time ago
   * - `ready`: the new one is used, and the old one was not for a while
   * - `ended`: the old one has expired
   */
  readonly verdict: 'new_unused' | 'old_in_use' | 'ready' | 'ended';
  /** What was found and what to do, for people. */
  readonly advice: string;
  readonly startedAt: string;
  /** When the old secret ends by itself. */
  readonly endsAt: string;
  readonly newSecret: ClientSecret;
  /** What it replaces. */
  readonly oldSecrets: readonly ClientSecret[];
  /** Whether an old secret was used since the rotation began. */
  readonly oldUsedSinceStart: boolean;
}

/** A rotation as it is stored. */
export interface StoredRotation {
  readonly replacement: StoredSecret;
  /** At least one. */
  readonly replaced: readonly StoredSecret[];
  /** Milliseconds. */
  readonly endsAt: number;
}

const LEAST_QUIET_SECONDS = 600;

/**
 * Judges how far a rotation has come.
 *
 * A client asks again when its token ends, so one that still holds the old secret shows within a token's
 * lifetime; twice that without a use counts as quiet. What runs more seldom cannot be seen, and the advice says so.
 *
 * @param tokenLifetimeSeconds - of the client's tokens
 * @param now - milliseconds
 */
export function judgeReadiness(
  { replacement, replaced, endsAt }: StoredRotation,
  uses: ClientUses,
  tokenLifetimeSeconds: number,
  now: number,
): RotationReadiness {
  const quietSeconds = Math.max(LEAST_QUIET_SECONDS, 2 * tokenLifetimeSeconds);
  const oldUses = replaced.flatMap(({ id }) => uses.of(id) ?? []);
  const lastOldUse = oldUses.length === 0 ? undefined : Math.max(...oldUses);
  const usedAt = uses.of(replacement.id);
  const state = { now, endsAt, usedAt, lastOldUse, quietSeconds };
  return {
    ...describe(state),
    startedAt: toIsoTime(replacement.createdAt),
    endsAt: toIsoTime(endsAt),
    newSecret: viewSecret(replacement, uses, now),
    oldSecrets: replaced.map((secret) => viewSecret(secret, uses, now)),
    oldUsedSinceStart: lastOldUse !== undefined && lastOldUse >= replacement.createdAt,
  };
}

interface RotationState {
  readonly now: number;
  readonly endsAt: number;
  readonly usedAt: number | undefined;
  readonly lastOldUse: number | undefined;
  readonly quietSeconds: number;
}

function describe({
  now,
  endsAt,
  usedAt,
  lastOldUse,
  quietSeconds,
}: RotationState): Pick<RotationReadiness, 'verdict' | 'advice'> {
  const end = toIsoTime(endsAt);
  if (endsAt <= now) {
    const unused = usedAt === undefined ? ' Nobody has used the new one yet: put it into the client.' : '';
    return {
      verdict: 'ended',
      advice: `The old secret ended at ${end}.${unused} Finish the rotation to remove it.`,
    };
  }
  const oldUse = lastOldUse === undefined ? 'never' : `at ${toIsoTime(lastOldUse)}`;
  if (usedAt === undefined) {
    return {
      verdict: 'new_unused',
      advice: `Nobody has used the new secret yet; the old one was last used ${oldUse}. Put the new secret into the client before ${end}, when the old one ends, or cancel the rotation.`,
    };
  }
  if (lastOldUse !== undefined && now - lastOldUse < quietSeconds * 1000) {
    return {
      verdict: 'old_in_use',
      advice: `The old secret was last used ${oldUse}, the new one at ${toIsoTime(usedAt)}. An instance of the client may still have the old one: replace it there, and look again after ${toIsoTime(lastOldUse + quietSeconds * 1000)}. The old one ends at ${end}.`,
    };
  }
  return {
    verdict: 'ready',
    advice: `The new secret was last used at ${toIsoTime(usedAt)}, the old one ${oldUse}. Finish the rotation, unless a job that runs more seldom than every ${Math.round(quietSeconds / 60)} minutes may still have the old one, which ends at ${end} by itself.`,
  };
}
