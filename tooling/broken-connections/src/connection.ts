/** A client's configuration in plain values, as a command line, a form or a program would have it. */
export interface ConnectionSettings {
  readonly url: string;
  readonly issuer?: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  /** PKCS #8 in PEM; the client then signs assertions with ES256. */
  readonly privateKeyPem?: string;
  readonly scopes?: readonly string[];
  readonly grantType?: string;
  /** A token that is at hand already. */
  readonly token?: string;
  readonly dpop?: boolean;
  readonly tokenParameters?: Readonly<Record<string, string>>;
  readonly tool?: { readonly name: string; readonly arguments?: Readonly<Record<string, unknown>> };
  readonly timeoutMilliseconds?: number;
}

/** A connection that has been set up. */
export interface StartedConnection extends AsyncDisposable {
  readonly settings: ConnectionSettings;
  /** What must not stand in any output. */
  readonly secrets: readonly string[];
}

/** A connection over which hosts of the public network are played by servers on loopback. */
export interface StagedConnection extends StartedConnection {
  /** Requests go through this `fetch`; no host of the public network is called. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
}

/** A connection, what is wrong with it, and what has to be said of it. */
export interface BrokenConnection<T extends StartedConnection = StartedConnection> {
  /** Stable, kebab-case. */
  readonly id: string;
  /** What is wrong, in words that its owner would use. */
  readonly title: string;
  /** The code of the verdict. */
  readonly verdict: string;
  /** What the verdict or its fix must say. */
  readonly says: RegExp;
  /** Whether a client comes all the way in spite of it. Default false. */
  readonly works?: boolean;
  readonly start: () => Promise<T>;
}
