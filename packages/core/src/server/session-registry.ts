/** Who a session of the older protocol revision belongs to. */
export interface SessionRegistry {
  /** Ties a session id that the MCP server handed out to the caller it was handed to. */
  readonly bind: (sessionId: string, principal: string) => void;
  /** Whether the session is known to belong to somebody else. An unknown one belongs to nobody. */
  readonly belongsToAnother: (sessionId: string, principal: string) => boolean;
}

const MAX_SESSION_ID_LENGTH = 1024;

/**
 * Keeps sessions and their principals, at most as many as told, in two generations: what was not used while a
 * generation filled up is forgotten, and is then the MCP server's alone to judge.
 *
 * @param maxSessions - default 100,000
 * @see {@link https://modelcontextprotocol.io/docs/tutorials/security/security_best_practices#session-hijacking | MCP security best practices, session hijacking}
 */
export function createSessionRegistry(maxSessions = 100_000): SessionRegistry {
  const half = Math.ceil(maxSessions / 2);
  let young = new Map<string, string>();
  let old = new Map<string, string>();

  const keep = (sessionId: string, principal: string): void => {
    if (young.size >= half) {
      old = young;
      young = new Map();
    }
    young.set(sessionId, principal);
  };

  return {
    bind: (sessionId, principal) => {
      // The first principal stays: whoever names a session later cannot take it over.
      if (sessionId.length > MAX_SESSION_ID_LENGTH || young.has(sessionId) || old.has(sessionId)) return;
      keep(sessionId, principal);
    },
    belongsToAnother: (sessionId, principal) => {
      const recent = young.get(sessionId);
      const owner = recent ?? old.get(sessionId);
      if (owner === undefined) return false;
      if (recent === undefined) keep(sessionId, owner);
      return owner !== principal;
    },
  };
}
