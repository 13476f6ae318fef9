import { decodeJwt, decodeProtectedHeader } from 'jose';

/** A JWT that was decoded and not verified: every member may be anything. */
export interface UnverifiedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Reads a token. Nothing is verified. */
export function readToken(token: string): UnverifiedToken | undefined {
  try {
    return {
      header: { ...decodeProtectedHeader(token) },
      claims: { ...decodeJwt(token) },
    };
  } catch {
    return undefined;
  }
}

/** The scopes of a token, or what its provider has in their place. */
export function scopesOf({ claims }: UnverifiedToken): readonly string[] {
  for (const name of ['scope', 'scp', 'roles', 'permissions']) {
    const value = claims[name];
    if (typeof value === 'string') return value.split(' ').filter((entry) => entry !== '');
    if (Array.isArray(value)) return value.filter((entry) => typeof entry === 'string');
  }
  return [];
}

/** A number of seconds since the epoch, or of milliseconds by mistake; `undefined` for everything else. */
export function timeOf(value: unknown): number | undefined {
  return typeof value === 'number' && Math.abs(value) < 1e14 ? value : undefined;
}
