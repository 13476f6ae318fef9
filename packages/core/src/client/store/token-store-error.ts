/** What was asked of the store. */
export type TokenStoreOperation = 'read' | 'compare_and_set';

/**
 * A shared token store gave no answer, or none that can be used. No request fails of it.
 *
 * Of what the store or its client threw, it has names and codes only: their messages and properties may hold the
 * command, and with it the token.
 */
export class TokenStoreError extends Error {
  override readonly name = 'TokenStoreError';
  readonly operation: TokenStoreOperation;
  /** What would have been accepted, in words. */
  readonly expected: string;
  /** What came instead. */
  readonly received: string;

  constructor(operation: TokenStoreOperation, expected: string, received: string) {
    super(`The token store (${operation}): expected ${expected}, received ${received}.`);
    this.operation = operation;
    this.expected = expected;
    this.received = received;
  }
}

/** Codes with which Redis begins a message; what follows them may quote the command. */
const REDIS_CODE =
  /^(ASK|BUSY|CLUSTERDOWN|ERR|LOADING|MASTERDOWN|MISCONF|MOVED|NOAUTH|NOPERM|NOREPLICAS|OOM|READONLY|TRYAGAIN|UNKILLABLE|WRONGPASS|WRONGTYPE)\b/;

/** Names what a store or its client threw, without a word of its message but the code that Redis begins it with. */
export function nameStoreFailure(error: unknown): string {
  const names: string[] = [];
  for (let current = error, depth = 0; current instanceof Error && depth < 4; depth++) {
    const { name, message, cause } = current;
    const { code } = current as { code?: unknown };
    if (/^[A-Za-z]{1,40}$/.test(name)) names.push(name);
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code)) names.push(code);
    const redisCode = REDIS_CODE.exec(message)?.[1];
    if (redisCode !== undefined) names.push(redisCode);
    current = cause;
  }
  return names.length === 0 ? 'an error' : names.join(' ');
}
