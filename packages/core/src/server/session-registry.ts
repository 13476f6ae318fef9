/** Who a session of the older protocol revision belongs to. */
export interface SessionRegistry {
  /** Ties a session id that the MCP server handed out to the caller it was handed to. */
  readonly bind: (sessionId: string, principal: string) => void;
  /** Whether the session is known to belong to somebody else. An unknown one belongs to nobody. */
  readonly belongsToAnother: (sessionId: string, principal: string) => boolean;
}

/** Bounds of {@link createSessionRegistry}. */
export interface SessionRegistryOptions {
  /** Default 100,000. */
  readonly maxSessions?: number;
  /** Default 10,000: whoever opens more loses the oldest of its own, not somebody else's. */
  readonly maxSessionsOfOne?: number;
  /** Of the session ids together. Default 16,777,216. */
  readonly maxCharacters?: number;
}

interface Principal {
  readonly name: string;
  /** The least recently used first. */
  readonly sessions: Set<string>;
}

/**
 * Keeps sessions and their principals, at most as many as told. The least recently used ones are forgotten, and
 * are then the MCP server's alone to judge.
 *
 * @see {@link https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices#session-hijacking | MCP security best practices, session hijacking}
 */
export function createSessionRegistry(options: SessionRegistryOptions = {}): SessionRegistry {
  const { maxSessions = 100_000, maxSessionsOfOne = 10_000, maxCharacters = 16_777_216 } = options;
  // The least recently used first.
  const owners = new Map<string, Principal>();
  const principals = new Map<string, Principal>();
  let characters = 0;

  const isFull = (): boolean => owners.size > maxSessions || characters > maxCharacters;

  const forget = (sessionId: string | undefined): void => {
    const owner = sessionId === undefined ? undefined : owners.get(sessionId);
    if (sessionId === undefined || owner === undefined) return;
    owners.delete(sessionId);
    owner.sessions.delete(sessionId);
    if (owner.sessions.size === 0) principals.delete(owner.name);
    characters -= sessionId.length;
  };

  const keep = (sessionId: string, principal: string): void => {
    const owner = principals.get(principal) ?? { name: principal, sessions: new Set() };
    principals.set(principal, owner);
    owners.set(sessionId, owner);
    owner.sessions.add(sessionId);
    characters += sessionId.length;
  };

  return {
    bind: (sessionId, principal) => {
      // The first principal stays: whoever names a session later cannot take it over.
      if (owners.has(sessionId)) return;
      keep(sessionId, principal);
      const own = principals.get(principal)?.sessions;
      if (own !== undefined && own.size > maxSessionsOfOne) forget(firstOf(own));
      while (isFull()) forget(firstOf(owners.keys()));
    },
    belongsToAnother: (sessionId, principal) => {
      const owner = owners.get(sessionId);
      if (owner === undefined) return false;
      if (owner.name !== principal) return true;
      // To the end of both: used just now. Only its owner keeps a session.
      owners.delete(sessionId);
      owners.set(sessionId, owner);
      owner.sessions.delete(sessionId);
      owner.sessions.add(sessionId);
      return false;
    },
  };
}

function firstOf(values: ReadonlySet<string> | MapIterator<string>): string | undefined {
  return values[Symbol.iterator]().next().value;
}
