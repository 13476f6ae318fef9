import type { ClientAuthentication } from '../../client-authentication/client-authentication.ts';
import { startDeadline } from '../../deadline.ts';
import { untilAborted } from '../../until-aborted.ts';

/** How often a credential that was refused is read again, to see whether it has been rotated. */
const RECHECK_MILLISECONDS = 1000;
/** How long that may take. */
const READING_MILLISECONDS = 2000;

/** The credentials of one client, in the order in which they are tried. */
export interface CredentialOrder {
  /** All of them, the one that worked last first. */
  candidates(): readonly ClientAuthentication[];
  /** This one worked: it is the first from now on. */
  accepted(authentication: ClientAuthentication): void;
  /** All of them were refused, as they were read for it. */
  refused(revisions: readonly (string | undefined)[]): void;
  /** What would be used now, to be compared with what was refused. Never rejects, and does not hang. */
  revisions(): Promise<readonly (string | undefined)[]>;
  /** Whether one that was refused is another by now. Looked at once a second at most. */
  rotated(): Promise<boolean>;
}

/**
 * Remembers which of several credentials works, so that one can be rotated while the client runs: the one after
 * is tried once where the one before is refused.
 */
export function createCredentialOrder(
  authentications: readonly ClientAuthentication[],
  now: () => number,
): CredentialOrder {
  let current = 0;
  let refusedRevisions: readonly (string | undefined)[] | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<boolean> | undefined;
  const rereadable = authentications.some((authentication) => authentication.revision !== undefined);
  const revisions = async (): Promise<readonly (string | undefined)[]> => {
    if (!rereadable) return [];
    const deadline = startDeadline(READING_MILLISECONDS);
    const read = Promise.all(authentications.map(async (authentication) => authentication.revision?.()));
    try {
      return await untilAborted(read, deadline.signal);
    } catch {
      // What hangs tells nothing.
      return [];
    } finally {
      deadline.stop();
    }
  };
  return {
    candidates: () => [...authentications.slice(current), ...authentications.slice(0, current)],
    accepted(authentication) {
      current = Math.max(0, authentications.indexOf(authentication));
      refusedRevisions = undefined;
    },
    refused(seen) {
      looking = undefined;
      refusedRevisions = seen;
    },
    revisions,
    rotated() {
      const before = refusedRevisions;
      if (before === undefined || !rereadable) return Promise.resolve(false);
      if (looking !== undefined && now() - lookedAt < RECHECK_MILLISECONDS) return looking;
      lookedAt = now();
      looking = revisions().then((present) =>
        present.some(
          (revision, index) =>
            revision !== undefined && before[index] !== undefined && revision !== before[index],
        ),
      );
      return looking;
    },
  };
}
