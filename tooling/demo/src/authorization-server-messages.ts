/** What the demo asks of the authorization server's process. */
export type AuthorizationServerRequest =
  | { readonly type: 'start'; readonly resources: readonly { resource: string; scopes: readonly string[] }[] }
  | { readonly type: 'register'; readonly client: ClientRegistration }
  | { readonly type: 'start_rotation'; readonly clientId: string }
  | { readonly type: 'finish_rotation'; readonly clientId: string }
  | { readonly type: 'disable'; readonly clientId: string }
  /** Lets the pods of a service account stand for a client. */
  | { readonly type: 'trust_pods'; readonly pods: TrustedPods }
  /** What would come of a workload's token. */
  | { readonly type: 'dry_run'; readonly token: string }
  /** Sets how far the process's clock is off, so that a token can be asked for that was issued long ago. */
  | { readonly type: 'shift_clock'; readonly seconds: number };

export interface ClientRegistration {
  readonly clientId: string;
  readonly access: readonly { resource: string; scopes: readonly string[] }[];
  /** PEM; the client gets a secret when it has no key. */
  readonly publicKey?: string;
  /** It has neither, because its platform vouches for it. */
  readonly workload?: true;
}

/** A Kubernetes service account, and the client that its pods are. */
export interface TrustedPods {
  /** The cluster's. */
  readonly issuer: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  readonly clientId: string;
}

/** What it answers. */
export interface AuthorizationServerReplies {
  readonly start: { readonly issuer: string };
  readonly register: { readonly clientSecret?: string };
  readonly start_rotation: { readonly clientSecret: string };
  readonly finish_rotation: Record<string, never>;
  readonly disable: Record<string, never>;
  readonly trust_pods: Record<string, never>;
  readonly dry_run: { readonly summary: string };
  readonly shift_clock: Record<string, never>;
}
