/**
 * What a server of the contract is to be protected with: options of `createResourceServer` and of every adapter.
 * Plain data, which can be handed to another process as JSON.
 */
export interface ContractServerOptions {
  readonly resource: string;
  readonly authorizationServers: readonly string[];
  readonly access: {
    readonly scopes: readonly string[];
    readonly tools: Readonly<Record<string, ContractAccess>>;
    readonly unlistedTools?: 'refuse';
  };
  readonly dpop?: { readonly nonce?: { readonly lifetimeSeconds: number }; readonly required?: boolean };
  readonly timeoutMilliseconds?: number;
}

/** What a tool of the contract's server asks of its caller. */
export interface ContractAccess {
  readonly scopes?: readonly string[];
  readonly caller?: 'user' | 'machine';
}

/** A server that listens on a loopback port of its own. */
export interface ContractServer {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string;
  /** Ends it, and every connection that is still open. */
  readonly close: () => Promise<void>;
}

/**
 * Starts a server that is protected by the adapter under test: the metadata at the origin's root, the handler of
 * `createContractHandler` behind protection, for every HTTP method, at the path of `resource`.
 */
export type StartContractServer = (options: ContractServerOptions) => Promise<ContractServer>;
