import { ConsoleProblem } from '../http/problem.ts';

/** Slows the guessing of credentials. */
export interface SignInThrottle {
  /** @throws ConsoleProblem `too_many_attempts` */
  admit(address: string | undefined, clientId: string): void;
  failed(address: string | undefined, clientId: string): void;
  succeeded(address: string | undefined, clientId: string): void;
}

/** Fewer than the authorization server lets pass, which sees all of them come from one address. */
const FREE_FAILURES = 5;
const FREE_FAILURES_OF_ADDRESS = 30;
const WINDOW_MS = 300_000;
const MOST_ENTRIES = 20_000;

/**
 * Makes the throttle: after five failures of one client from one address, or thirty from one address, within five
 * minutes, further attempts from there wait for the rest of them. A credential used from elsewhere is not slowed.
 */
export function createSignInThrottle(now: () => number): SignInThrottle {
  const failures = new Map<string, { count: number; readonly until: number }>();

  const keysOf = (address = 'unknown', clientId: string) =>
    [
      [JSON.stringify([address, clientId]), FREE_FAILURES],
      [JSON.stringify([address]), FREE_FAILURES_OF_ADDRESS],
    ] as const;

  return {
    admit(address, clientId) {
      for (const [key, free] of keysOf(address, clientId)) {
        const known = failures.get(key);
        if (known === undefined || known.count < free) continue;
        const left = Math.ceil((known.until - now()) / 1000);
        if (left <= 0) failures.delete(key);
        else {
          throw new ConsoleProblem(
            429,
            'too_many_attempts',
            `Too many failed attempts to sign in. Try again in ${left} seconds.`,
            left,
          );
        }
      }
    },
    failed(address, clientId) {
      const at = now();
      for (const [key] of keysOf(address, clientId)) {
        const known = failures.get(key);
        if (known !== undefined && known.until > at) known.count += 1;
        else failures.set(key, { count: 1, until: at + WINDOW_MS });
      }
      for (const [key, { until }] of failures) {
        if (failures.size <= MOST_ENTRIES && until > at) break;
        failures.delete(key);
      }
    },
    succeeded(address, clientId) {
      failures.delete(keysOf(address, clientId)[0][0]);
    },
  };
}
