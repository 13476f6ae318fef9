/** What the demo asks of the authorization server's process. */
export type AuthorizationServerRequest =
  | { readonly type: 'start'; readonly resources: readonly { resource: string; scopes: readonly string[] }[] }
  | { readonly type: 'register'; readonly client: ClientRegistration }
  /** Sets how far the process's clock is off, so that a token can be asked for that was issued long ago. */
  | { readonly type: 'shift_clock'; readonly seconds: number };

export interface ClientRegistration {
  readonly clientId: string;
  readonly access: readonly { resource: string; scopes: readonly string[] }[];
  /** PEM; the client gets a secret when it has no key. */
  readonly publicKey?: string;
}

/** What it answers. */
export interface AuthorizationServerReplies {
  readonly start: { readonly issuer: string };
  readonly register: { readonly clientSecret?: string };
  readonly shift_clock: Record<string, never>;
}
