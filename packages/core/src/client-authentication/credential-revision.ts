import { base64url } from 'jose';

let salt: Uint8Array | undefined;

/**
 * A digest of what a function reads now; `undefined` where it fails or gives no string.
 *
 * Comparable within this process only: it is salted, so that it confirms no guess at the secret elsewhere.
 */
export async function revisionOf(read: () => string | Promise<string>): Promise<string | undefined> {
  try {
    const value: unknown = await read();
    return typeof value === 'string' ? await digestOf(value) : undefined;
  } catch {
    return undefined;
  }
}

/** The digest of what was read, as {@link revisionOf} gives it. */
export async function digestOf(value: string): Promise<string> {
  // Not at the top of the module, where some runtimes give no random numbers.
  salt ??= crypto.getRandomValues(new Uint8Array(32));
  const bytes = new TextEncoder().encode(value);
  const salted = new Uint8Array(salt.length + bytes.length);
  salted.set(salt);
  salted.set(bytes, salt.length);
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', salted)));
}
