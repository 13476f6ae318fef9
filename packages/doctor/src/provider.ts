import { recognizeProvider } from '@mcp-m2m/core/client';

import type { Walk } from './walk.ts';

/** The identity provider behind a connection, as far as it can be told. */
export interface ConnectionProvider {
  /** For messages: `Auth0`. */
  readonly name: string;
  /** What to look at where the MCP server does not take its tokens. */
  readonly mend: string;
}

/** The provider whose profile is in use, or that the issuer looks like. */
export function providerOf({ settings, issuer }: Walk): ConnectionProvider | undefined {
  const { provider } = settings;
  const known = provider ?? (issuer === undefined ? undefined : recognizeProvider(issuer));
  if (known?.tokenRefusedHint === undefined) return undefined;
  return { name: known.provider, mend: known.tokenRefusedHint };
}
