import type { AuthorizationServerProcess, Framework } from './processes.ts';

/** Who takes part in the story. */
export interface Parties {
  readonly authorizationServer: AuthorizationServerProcess;
  readonly servers: readonly { readonly framework: Framework; readonly resource: string }[];
  /** The first of them. */
  readonly resource: string;
  readonly otherResource: string;
}
