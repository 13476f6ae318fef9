import { createHash, randomBytes } from 'node:crypto';

import type { AdminAccess } from './admin-access.ts';

/** Who signed in, and by what right. */
export interface SignedIn {
  /** `administrator`: by a client credential; `person`: at the OpenID provider. */
  readonly kind: 'administrator' | 'person';
  /** The client id, or the person's `sub`. */
  readonly subject: string;
  /** For people to read. */
  readonly name: string;
  /** How the administrative API is reached; its token stays here. */
  readonly access: AdminAccess;
}

/** A session: who signed in, and until when. */
export interface Session extends SignedIn {
  /** When it ends at the latest, in milliseconds. */
  readonly endsAt: number;
}

/** Sessions, in memory: a restart ends them. */
export interface Sessions {
  /** Opens one and returns the value of its cookie. */
  open(signedIn: SignedIn): string;
  /** Finds one by the value of its cookie, and notes that it is used. */
  find(cookie: string | undefined): Session | undefined;
  close(cookie: string | undefined): void;
}

/** Options of {@link createSessions}. */
export interface SessionsOptions {
  readonly idleSeconds: number;
  readonly lifetimeSeconds: number;
  readonly now: () => number;
  /** With one more, the one that was idle for longest ends. 500 unless given. */
  readonly most?: number;
}

/** Makes the memory of sessions. The values of cookies are kept as digests only. */
export function createSessions({ idleSeconds, lifetimeSeconds, now, most = 500 }: SessionsOptions): Sessions {
  // In the order of their last use.
  const sessions = new Map<string, Session & { readonly usedAt: number }>();

  return {
    open(signedIn) {
      const cookie = randomBytes(32).toString('base64url');
      const at = now();
      for (const [key, session] of sessions) if (isOver(session, at)) sessions.delete(key);
      const [oldest] = sessions.keys();
      if (sessions.size >= most && oldest !== undefined) sessions.delete(oldest);
      sessions.set(digest(cookie), { ...signedIn, endsAt: at + lifetimeSeconds * 1000, usedAt: at });
      return cookie;
    },
    find(cookie) {
      if (cookie === undefined) return undefined;
      const key = digest(cookie);
      const session = sessions.get(key);
      if (session === undefined) return undefined;
      sessions.delete(key);
      const at = now();
      if (isOver(session, at)) return undefined;
      sessions.set(key, { ...session, usedAt: at });
      return session;
    },
    close(cookie) {
      if (cookie !== undefined) sessions.delete(digest(cookie));
    },
  };

  function isOver({ endsAt, usedAt }: { endsAt: number; usedAt: number }, at: number): boolean {
    return at >= endsAt || at >= usedAt + idleSeconds * 1000;
  }
}

function digest(cookie: string): string {
  return createHash('sha256').update(cookie).digest('base64url');
}
