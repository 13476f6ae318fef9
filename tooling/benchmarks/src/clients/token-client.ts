import type { TestAuthority } from '@mcp-m2m/testing';

export const CLIENT_ID = 'nightly-report';
export const CLIENT_SECRET = 'a-secret-without-anything-special';

/** Where the libraries get their tokens. */
export interface TokenScene {
  /** Knows {@link CLIENT_ID} with {@link CLIENT_SECRET}. */
  readonly authority: TestAuthority;
  /** The URL of an MCP server with metadata. */
  readonly resource: string;
}

/** A library that gets tokens, one object of it, used as its documentation shows. */
export interface TokenClient {
  readonly name: string;
  /** What a caller awaits before a request: the token, in whatever the library wraps it. */
  readonly getToken: () => Promise<unknown>;
}
