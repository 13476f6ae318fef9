import { startDeadline } from '../deadline.ts';
import { printable } from '../printable-text.ts';
import { untilAborted } from '../until-aborted.ts';
import {
  createTrustedIssuer,
  type AuthorizationServerOptions,
  type IssuerEnvironment,
  type TrustedIssuer,
} from './trusted-issuer.ts';
import { VerificationFailure } from './verification-failure.ts';

/**
 * Finds the authorization server of an issuer that is not in the static list, for servers with many tenants.
 *
 * An answer holds for ten minutes, so a tenant that is no longer accepted is out after that time. At most
 * a hundred questions are asked at a time, each for the time that `timeoutMilliseconds` allows.
 *
 * @param issuer - the unverified claim `iss` of a token: look it up, never fetch it
 * @returns its options, whose `issuer` must be the one asked for; `undefined` when it is not accepted
 * @throws anything when it cannot tell: the request is then answered 503
 */
export type AuthorizationServerResolver = (
  issuer: string,
) => AuthorizationServerOptions | undefined | Promise<AuthorizationServerOptions | undefined>;

/** What the resolver said of issuers. */
export interface IssuerResolutions {
  /** An issuer that was accepted, while that holds. */
  readonly accepted: (issuer: string) => TrustedIssuer | undefined;
  /**
   * Asks about an issuer, once for all who ask at the same time.
   *
   * @throws VerificationFailure `issuer_unavailable`
   */
  readonly resolve: (issuer: string) => Promise<TrustedIssuer | undefined>;
}

const MAX_ISSUER_LENGTH = 1024;
const MAX_ACCEPTED = 1000;
const MAX_UNKNOWN = 1000;
const MAX_IN_FLIGHT = 100;
const ACCEPTED_LIFETIME_SECONDS = 600;
const UNKNOWN_LIFETIME_SECONDS = 30;

interface Accepted {
  readonly issuer: TrustedIssuer;
  readonly options: AuthorizationServerOptions;
  /** The options as text, because the resolver may change the object that it answers with. */
  readonly text: string;
  readonly until: number;
}

/**
 * Keeps what the resolver answered. Accepted and unknown issuers are kept apart, so that invented ones cannot
 * push tenants out.
 */
export function createIssuerResolutions(
  resolver: AuthorizationServerResolver,
  environment: IssuerEnvironment,
): IssuerResolutions {
  const { now, timeoutMilliseconds } = environment;
  const accepted = new Map<string, Accepted>();
  const unknownUntil = new Map<string, number>();
  const inFlight = new Map<string, Promise<TrustedIssuer | undefined>>();

  const lookUp = async (issuer: string): Promise<AuthorizationServerOptions | undefined> => {
    const { signal, stop } = startDeadline(timeoutMilliseconds);
    try {
      return await untilAborted(Promise.resolve(resolver(issuer)), signal);
    } finally {
      stop();
    }
  };

  const askResolver = async (issuer: string): Promise<TrustedIssuer | undefined> => {
    const options = await lookUp(issuer);
    if (options === undefined) {
      accepted.delete(issuer);
      remember(unknownUntil, issuer, now() + UNKNOWN_LIFETIME_SECONDS * 1000, MAX_UNKNOWN);
      return undefined;
    }
    if (options.issuer !== issuer) throw new Error('another issuer than the one asked for');
    const known = accepted.get(issuer);
    const text = JSON.stringify(options);
    // The same answer keeps the keys that were fetched.
    const trusted =
      known !== undefined && known.text === text && isComparable(known.options, options)
        ? known.issuer
        : createTrustedIssuer(options, 'resolveAuthorizationServer', environment);
    const until = now() + ACCEPTED_LIFETIME_SECONDS * 1000;
    remember(accepted, issuer, { issuer: trusted, options, text, until }, MAX_ACCEPTED);
    return trusted;
  };

  const ask = async (issuer: string): Promise<TrustedIssuer | undefined> => {
    try {
      return await askResolver(issuer);
    } catch (cause) {
      throw unavailable(issuer, cause);
    }
  };

  return {
    accepted: (issuer) => {
      const known = accepted.get(issuer);
      return known !== undefined && now() < known.until ? known.issuer : undefined;
    },
    resolve: async (issuer) => {
      if (issuer.length > MAX_ISSUER_LENGTH || now() < (unknownUntil.get(issuer) ?? 0)) return undefined;
      let asked = inFlight.get(issuer);
      if (asked === undefined) {
        // A tenant that is to be confirmed does not wait behind invented ones.
        if (inFlight.size >= MAX_IN_FLIGHT && !accepted.has(issuer))
          throw unavailable(issuer, new Error('too many questions at a time'));
        asked = ask(issuer).finally(() => inFlight.delete(issuer));
        inFlight.set(issuer, asked);
      }
      return asked;
    },
  };
}

/** Puts an entry at the end, and drops the oldest beyond the bound. */
function remember<T>(memory: Map<string, T>, key: string, value: T, max: number): void {
  memory.delete(key);
  for (const oldest of memory.keys()) {
    if (memory.size < max) break;
    memory.delete(oldest);
  }
  memory.set(key, value);
}

/** Members that are functions inside are compared by being the same object. */
function isComparable(one: AuthorizationServerOptions, other: AuthorizationServerOptions): boolean {
  const isPlain = ({ introspection, profile }: AuthorizationServerOptions): boolean =>
    introspection === undefined && typeof profile !== 'object';
  return one === other || (isPlain(one) && isPlain(other));
}

function unavailable(issuer: string, cause: unknown): VerificationFailure {
  return new VerificationFailure('issuer_unavailable', {
    expected: `an answer about ${printable(issuer)}`,
    // A TypeError about wrong options names the option; others may hold anything.
    received:
      cause instanceof TypeError && cause.message.startsWith('resolveAuthorizationServer')
        ? cause.message
        : 'a failure of resolveAuthorizationServer',
    description:
      'Whether the authorization server of the access token is accepted cannot be told at the moment.',
    cause,
  });
}
