/** Who asks for an administrative change, for the audit trail. */
export interface Administrator {
  /**
   * An administrator's client id, or a person's subject with ` by ` and the client id; `owner` for the program that
   * embeds the server.
   */
  readonly actor: string;
  /** Where the request came from, as far as it is known. */
  readonly address?: string | undefined;
}

/** The program that embeds the server, which needs no credential to call its functions. */
export const OWNER: Administrator = { actor: 'owner' };

/** The members of an event that say who did it. */
export function actedBy({ actor, address }: Administrator): {
  readonly actor: string;
  readonly remoteAddress: string | undefined;
} {
  return { actor, remoteAddress: address };
}
