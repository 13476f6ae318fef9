import type { Transaction } from 'kysely';

import type { Schema } from './store/schema.ts';
import type { TokenRefusalReason } from './token-refusal-reason.ts';

interface EventBase {
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number;
}

interface RequestEvent extends EventBase {
  /** Address of the client: the socket's, or what a trusted proxy says (`trustedProxies`). */
  readonly remoteAddress: string | undefined;
}

/**
 * Common to every administrative act: what an administrator, or the server by itself, changed. Recorded in the
 * audit trail before the act is acknowledged.
 */
interface ActEvent extends EventBase {
  /** An administrator's client id or subject; `owner` for the embedding program, `server` for the server itself. */
  readonly actor: string;
  /** Where the administrator's request came from, as far as it is known. */
  readonly remoteAddress?: string | undefined;
}

/** What token requests and other requests of clients lead to. */
export type RequestDrivenEvent =
  | (RequestEvent & {
      readonly type: 'token_issued';
      readonly clientId: string;
      readonly resource: string;
      readonly scopes: readonly string[];
      /** The token's `jti`. */
      readonly tokenId: string;
      /** The token's `exp`, in seconds since the epoch. */
      readonly expiresAt: number;
    })
  | (RequestEvent & {
      readonly type: 'token_refused';
      readonly clientId: string | undefined;
      readonly status: number;
      /** The error code as sent. */
      readonly error: string;
      readonly reason: TokenRefusalReason;
      /** One sentence for the operator. */
      readonly detail: string;
    })
  | (RequestEvent & {
      /** A refusal at another endpoint than the token endpoint. */
      readonly type: 'request_refused';
      readonly endpoint: 'admin' | 'introspection' | 'revocation' | 'status_list';
      readonly clientId: string | undefined;
      readonly status: number;
      readonly error: string;
      /** A stable code; where a token or a client was judged, of the same words as a token's refusal. */
      readonly reason: string;
      readonly detail: string;
    });

/** What an administrator, or the server by itself, changed. */
export type AdministrativeEvent =
  | (ActEvent & {
      readonly type: 'client_created';
      readonly clientId: string;
      readonly authenticationMethod: 'secret' | 'private_key_jwt' | 'workload';
      readonly resources: readonly string[];
    })
  | (ActEvent & {
      readonly type: 'client_updated';
      readonly clientId: string;
      /** Names of the settings that were given, without their values. */
      readonly changed: readonly string[];
    })
  | (ActEvent & {
      readonly type:
        | 'client_deleted'
        | 'client_disabled'
        | 'client_enabled'
        | 'client_rotation_cancelled'
        | 'client_rotation_finished';
      readonly clientId: string;
    })
  | (ActEvent & {
      readonly type: 'client_rotation_started';
      readonly clientId: string;
      /** The new secret. */
      readonly secretId: string;
      /** When the old one ends, ISO 8601. */
      readonly endsAt: string;
    })
  | (ActEvent & {
      readonly type: 'client_secret_created' | 'client_secret_deleted';
      readonly clientId: string;
      readonly secretId: string;
    })
  | (ActEvent & {
      readonly type: 'client_key_added' | 'client_key_removed' | 'client_key_updated';
      readonly clientId: string;
      readonly keyId: string;
    })
  | (ActEvent & {
      readonly type: 'resource_created' | 'resource_deleted' | 'resource_updated';
      readonly resource: string;
    })
  | (ActEvent & { readonly type: 'signing_key_created'; readonly keyId: string; readonly algorithm: string })
  /** It is to sign earlier than was planned. */
  | (ActEvent & {
      readonly type: 'signing_key_scheduled';
      readonly keyId: string;
      readonly activeFrom: number;
    })
  /** It signs from now on. */
  | (ActEvent & {
      readonly type: 'signing_key_activated';
      readonly keyId: string;
      readonly algorithm: string;
    })
  /** It is no longer published: on schedule, or because it must not be trusted any more. */
  | (ActEvent & {
      readonly type: 'signing_key_retired';
      readonly keyId: string;
      readonly cause: 'schedule' | 'withdrawn' | 'replaced';
    })
  | (ActEvent & {
      readonly type: 'trusted_issuer_created' | 'trusted_issuer_deleted' | 'trusted_issuer_updated';
      readonly issuerId: string;
      readonly issuer: string;
    })
  | (ActEvent & {
      readonly type: 'trust_rule_created' | 'trust_rule_deleted' | 'trust_rule_updated';
      readonly ruleId: string;
      readonly clientId: string;
    })
  /** One token was withdrawn, by its client (which is the actor then) or an administrator. */
  | (ActEvent & { readonly type: 'token_revoked'; readonly clientId: string; readonly tokenId: string });

/** What the server tells of itself. */
export type ServerEvent =
  | (EventBase & { readonly type: 'server_failed'; readonly name: string; readonly message: string })
  | (EventBase & {
      /** Events that the audit trail lacks, because more arrived than could be written. */
      readonly type: 'audit_events_dropped';
      readonly count: number;
    })
  /** An option is in use that takes away a protection; reported at the start. */
  | (EventBase & { readonly type: 'dangerous_option'; readonly option: string })
  | (EventBase & {
      /** Requests carry `X-Forwarded-For` and no proxy is trusted; reported once. */
      readonly type: 'proxy_not_trusted';
      readonly remoteAddress: string;
    });

/**
 * What the authorization server reports to `onEvent`, and records in its audit trail.
 *
 * Carries no secret, assertion, token or private key. `clientId` of a refusal is what the request
 * claimed, unproven; it is left out when it is not of the form of a client id.
 */
export type AuthorizationServerEvent = RequestDrivenEvent | AdministrativeEvent | ServerEvent;

/** Receives events; what it throws or rejects with changes nothing. */
export type AuthorizationServerEventListener = (event: AuthorizationServerEvent) => unknown;

type WithoutTime<Event> = Event extends AuthorizationServerEvent ? Omit<Event, 'at'> : never;

/** Reports an event; the time is added. The one source of the audit trail. */
export interface ReportEvent {
  /** What requests lead to is written in batches, off the request's path. */
  (event: WithoutTime<RequestDrivenEvent | ServerEvent>): void;
  /**
   * An administrative act is to be awaited before it is acknowledged: it is durable then.
   *
   * With the transaction of the act (of `Database.transact`), act and record are kept or lost together, and
   * the listener hears of it once the transaction is committed. Without one, it is recorded in its own.
   */
  (event: WithoutTime<AdministrativeEvent>, transaction?: Transaction<Schema>): Promise<void>;
}

/** Tells administrative acts from other events. */
export function isAdministrative(event: object): event is AdministrativeEvent {
  return 'actor' in event;
}
