interface EventBase {
  /** When it happened, in milliseconds since the epoch. */
  readonly at: number;
  /** Where the request came from, as far as it is known. */
  readonly remoteAddress: string | undefined;
}

/** What an operator wants to know of the console. Holds no secret and no token. */
export type ConsoleEvent =
  | (EventBase & {
      readonly type: 'signed_in';
      /** `administrator`: by a client credential; `person`: at the OpenID provider. */
      readonly kind: 'administrator' | 'person';
      /** The client id, or the person's `sub`. */
      readonly subject: string;
    })
  | (EventBase & { readonly type: 'sign_in_refused'; readonly reason: string })
  | (EventBase & { readonly type: 'signed_out'; readonly subject: string })
  | (EventBase & {
      /**
       * A change was asked of the administrative API. Where people sign in at an OpenID provider, the audit trail names
       * the console's own credential: this event says who it was.
       */
      readonly type: 'administered';
      readonly subject: string;
      readonly method: string;
      readonly path: string;
      readonly status: number;
    })
  | (EventBase & {
      readonly type: 'connection_changed';
      readonly subject: string;
      readonly change: 'added' | 'deleted';
      readonly connectionId: string;
    })
  | (EventBase & { readonly type: 'failed'; readonly name: string; readonly message: string });

/** Not waited for; what it throws changes nothing. */
export type ConsoleEventListener = (event: ConsoleEvent) => void;

/** An event without what is known of every request. */
export type ConsoleReport = ConsoleEvent extends infer Event
  ? Event extends ConsoleEvent
    ? Omit<Event, 'at'>
    : never
  : never;

/** Makes the function that reports events. */
export function createReport(
  listener: ConsoleEventListener | undefined,
  now: () => number,
): (report: ConsoleReport) => void {
  return (report) => {
    try {
      listener?.({ ...report, at: now() });
    } catch {
      // A listener is never the reason why something does not work.
    }
  };
}
