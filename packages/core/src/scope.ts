// RFC 6749 appendix A.4: printable ASCII without space, quotation mark and backslash.
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** Tells whether a text is one scope, by the grammar of RFC 6749 appendix A.4. */
export function isScopeToken(text: unknown): text is string {
  return typeof text === 'string' && SCOPE_TOKEN.test(text);
}

/**
 * Splits a `scope` value into its scopes, without duplicates, in their order.
 *
 * Scopes are case-sensitive and compared whole.
 *
 * @returns the scopes, or `undefined` when the value is not a well-formed scope string
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.3 | RFC 6749 §3.3}
 */
export function parseScope(value: unknown): string[] | undefined {
  if (typeof value !== 'string') return undefined;
  const scopes = value.split(' ').filter((scope) => scope !== '');
  return scopes.every(isScopeToken) ? [...new Set(scopes)] : undefined;
}

/**
 * Validates a configured list of scopes.
 *
 * @throws TypeError naming the option and the offending entry
 */
export function assertScopes(value: unknown, option: string): asserts value is readonly string[] {
  if (!Array.isArray(value)) {
    throw new TypeError(`${option} must be an array of scopes such as ["deploy:read"].`);
  }
  for (const scope of value as unknown[]) {
    if (!isScopeToken(scope)) {
      throw new TypeError(
        `${option} contains ${typeof scope === 'string' ? JSON.stringify(scope) : String(scope)}, which is not one scope; write each scope as its own entry.`,
      );
    }
  }
}
