import type { VerifiedToken } from './access-token.ts';
import type { SubjectKind } from './profiles/token-profile.ts';

/**
 * Who a token speaks for: a machine for itself, a user, or an actor on behalf of somebody (`act`, RFC 8693
 * §4.1).
 */
export type CallerKind = SubjectKind | 'delegated';

/**
 * Who calls, as a verified access token says it.
 *
 * A structural superset of the MCP SDK's `AuthInfo`, so that it serves as `req.auth` unchanged. `toJSON`,
 * inspection and copies leave the token out. A fresh object for every request; `claims` is shared and frozen.
 */
export interface Caller {
  readonly kind: CallerKind;
  /** The claim that decided `kind`, in words. */
  readonly evidence: string;
  /** Who the subject is. Differs from `kind` for a delegated token alone. */
  readonly subjectKind: SubjectKind;
  /** Who acts, the current actor first, each as its `act` claim says; empty unless delegated. */
  readonly actors: readonly Readonly<Record<string, unknown>>[];
  /** The access token, for the SDK's type alone. Never forward it. */
  readonly token: string;
  readonly clientId: string;
  readonly subject: string;
  readonly scopes: string[];
  /** Roles of the identity provider that are not scopes. */
  readonly roles: readonly string[];
  readonly issuer: string;
  /** Expiry in seconds since the epoch. */
  readonly expiresAt: number;
  /** The resource this server is. */
  readonly resource: URL;
  /** Address of this resource's metadata document. */
  readonly resourceMetadataUrl: string;
  /** Every claim of the token, frozen. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** What of a caller is the same for every request of one resource server. */
export interface CallerSurroundings {
  readonly resource: string;
  readonly resourceMetadataUrl: string;
}

/**
 * The caller of one request. A class, because it is made for every request: the same as a literal with a
 * prototype takes twenty times as long.
 */
class RequestCaller implements Caller {
  readonly kind: CallerKind;
  readonly evidence: string;
  readonly subjectKind: SubjectKind;
  readonly actors: Caller['actors'];
  readonly clientId: string;
  readonly subject: string;
  readonly scopes: string[];
  readonly roles: readonly string[];
  readonly issuer: string;
  readonly expiresAt: number;
  readonly resourceMetadataUrl: string;
  readonly claims: Caller['claims'];
  readonly #resource: string;
  readonly #token: string;

  constructor(
    token: string,
    { profiled, actors, issuer, period, claims }: VerifiedToken,
    here: CallerSurroundings,
  ) {
    const delegated = actors.length > 0;
    this.kind = delegated ? 'delegated' : profiled.kind;
    this.evidence = delegated ? 'the claim "act" is present' : profiled.evidence;
    this.subjectKind = profiled.kind;
    this.actors = actors;
    this.clientId = profiled.clientId;
    this.subject = profiled.subject;
    this.scopes = [...profiled.scopes];
    this.roles = profiled.roles;
    this.issuer = issuer.issuer;
    this.expiresAt = period.expiresAt;
    this.resourceMetadataUrl = here.resourceMetadataUrl;
    this.claims = claims;
    this.#resource = here.resource;
    this.#token = token;
  }

  /** No member of the object itself, so that a copy of the caller (`{ ...caller }`) does not carry it along. */
  get token(): string {
    return this.#token;
  }

  /** Made when it is asked for: a URL costs more than all the rest of this object. */
  get resource(): URL {
    return new URL(this.#resource);
  }

  toJSON(): object {
    return Object.assign({}, this, { resource: this.#resource });
  }

  // What Node's `inspect` and `console.log` look for.
  [Symbol.for('nodejs.util.inspect.custom')](): object {
    return this.toJSON();
  }
}

/** Makes the caller of one request out of a verified token. */
export function createCaller(
  token: string,
  verified: VerifiedToken,
  surroundings: CallerSurroundings,
): Caller {
  return new RequestCaller(token, verified, surroundings);
}
