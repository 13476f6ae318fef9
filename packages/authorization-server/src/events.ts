import { createNotifier } from '@mcp-m2m/core';
import type { TokenRefusalReason } from './token-refusal-reason.ts';

interface EventBase {
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number;
}

interface RequestEvent extends EventBase {
  /** Address of the peer as the socket saw it; behind a proxy, the proxy's. */
  readonly remoteAddress: string | undefined;
}

/**
 * What the authorization server reports to `onEvent`.
 *
 * Carries no secret, assertion, token or private key. `clientId` of a refusal is what the request
 * claimed, unproven; it is left out when it is not of the form of a client id.
 */
export type AuthorizationServerEvent =
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
  | (EventBase & {
      readonly type: 'client_created';
      readonly clientId: string;
      readonly authenticationMethod: 'secret' | 'private_key_jwt';
      readonly resources: readonly string[];
    })
  | (EventBase & { readonly type: 'client_deleted'; readonly clientId: string })
  | (EventBase & { readonly type: 'signing_key_created'; readonly keyId: string; readonly algorithm: string })
  | (EventBase & { readonly type: 'server_failed'; readonly name: string; readonly message: string });

/** Receives events; what it throws or rejects with changes nothing. */
export type AuthorizationServerEventListener = (event: AuthorizationServerEvent) => unknown;

type WithoutTime<Event> = Event extends AuthorizationServerEvent ? Omit<Event, 'at'> : never;

/** Reports an event; the time is added. */
export type ReportEvent = (event: WithoutTime<AuthorizationServerEvent>) => void;

/**
 * Makes the function that reports events to the owner's listener.
 *
 * A listener that throws or rejects changes nothing, and none is waited for.
 *
 * @param onEvent - the owner's listener, if any
 * @param now - the clock, in milliseconds
 */
export function createEventReporter(
  onEvent: AuthorizationServerEventListener | undefined,
  now: () => number,
): ReportEvent {
  const notify = createNotifier(onEvent);
  return (event) => notify({ ...event, at: now() });
}
