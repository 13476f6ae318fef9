import type { Concealment, AccessToken, TokenSource } from '@mcp-m2m/core/client';
import type { ProtectedResourceMetadata } from '@mcp-m2m/core/client';
import type { AuthorizationServerMetadata, Challenge } from '@mcp-m2m/core';

import type { DiagnoseSettings } from './diagnose-options.ts';
import type { Finding, ListedTool } from './diagnosis.ts';
import type { ExchangeRecorder } from './exchange-recorder.ts';
import type { McpSession } from './mcp-session.ts';

/** What is known so far; each step adds what it learnt. */
export interface Walk {
  readonly settings: DiagnoseSettings;
  readonly recorder: ExchangeRecorder;
  /** Keeps tokens out of what servers say. */
  readonly concealment: Concealment;
  /** Ends when the time of the step is up, or the walk is ended. */
  signal: AbortSignal;
  /** Whether the server answers without a token. */
  openToAll?: boolean;
  challenge?: Challenge | undefined;
  protectedResource?: ProtectedResourceMetadata | undefined;
  issuer?: string | undefined;
  authorizationServer?: AuthorizationServerMetadata | undefined;
  tokenSource?: TokenSource | undefined;
  token?: Pick<AccessToken, 'accessToken' | 'tokenType' | 'scopes' | 'expiresAt'> | undefined;
  session?: McpSession | undefined;
  tools?: readonly ListedTool[] | undefined;
}

/** How a step ended. */
export interface StepResult {
  readonly sent?: string | undefined;
  readonly expected?: string | undefined;
  readonly received?: string | undefined;
  readonly findings?: readonly Finding[];
  /** Nothing was to be done. */
  readonly skipped?: boolean;
}
