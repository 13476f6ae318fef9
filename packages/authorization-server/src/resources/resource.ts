/** A tool of an MCP server, as far as tokens are concerned. */
export interface ResourceTool {
  readonly name: string;
  /** For people, at most 1000 characters. */
  readonly description?: string;
  /** The scopes that a call needs, all of them. */
  readonly scopes: readonly string[];
}

/** An MCP server that tokens can be issued for. */
export interface Resource {
  /** Canonical identifier; the audience of its tokens. */
  readonly resource: string;
  /** Where it was registered; what is configured is changed there. */
  readonly source: 'configuration' | 'administrator';
  readonly label: string | undefined;
  readonly scopes: readonly string[];
  /** Its tools, where they are known. */
  readonly tools: readonly ResourceTool[] | undefined;
  /** ISO 8601; undefined for what is configured. */
  readonly createdAt: string | undefined;
  readonly updatedAt: string | undefined;
  /** Another one after every change, for `ifRevision`; undefined for what is configured. */
  readonly revision: string | undefined;
}
