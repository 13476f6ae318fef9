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
  /** All that were tried were refused; of those that can change, in these revisions. */
  refused(revisions: ReadonlyMap<ClientAuthentication, string>): void;
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
  let refusedRevisions: ReadonlyMap<ClientAuthentication, string> = new Map();
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<boolean> | undefined;

  /** Never rejects, and does not hang. */
  async function isAnother(authentication: ClientAuthentication, refused: string): Promise<boolean> {
    const deadline = startDeadline(READING_MILLISECONDS);
    try {
      const present = await untilAborted(readRevision(authentication), deadline.signal);
      return present !== undefined && present !== refused;
    } catch {
      // What hangs tells nothing.
      return false;
    } finally {
      deadline.stop();
    }
  }

  return {
    candidates: () => [...authentications.slice(current), ...authentications.slice(0, current)],
    accepted(authentication) {
      current = Math.max(0, authentications.indexOf(authentication));
      refusedRevisions = new Map();
    },
    refused(revisions) {
      looking = undefined;
      refusedRevisions = revisions;
    },
    rotated() {
      if (refusedRevisions.size === 0) return Promise.resolve(false);
      if (looking !== undefined && now() - lookedAt < RECHECK_MILLISECONDS) return looking;
      lookedAt = now();
      const looks = [...refusedRevisions].map((refused) => isAnother(...refused));
      looking = Promise.all(looks).then((changed) => changed.includes(true));
      return looking;
    },
  };
}

async function readRevision(authentication: ClientAuthentication): Promise<string | undefined> {
  return authentication.revision?.();
}
