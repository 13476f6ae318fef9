import type { AuthorizationServerMetadata, Challenge } from '@mcp-m2m/core';
import type { AccessToken, ProtectedResourceMetadata, TokenSource } from '@mcp-m2m/core/client';
import type { Tool } from '@modelcontextprotocol/client';

import type { DiagnoseSettings } from './diagnose-options.ts';
import type { Finding, ListedTool } from './diagnosis.ts';
import type { ExchangeRecorder } from './exchange-recorder.ts';
import type { McpSession } from './mcp-session.ts';
import type { Redaction } from './redaction.ts';

/** What is known so far; each step adds what it learnt. */
export interface Walk {
  readonly settings: DiagnoseSettings;
  readonly recorder: ExchangeRecorder;
  /** Keeps secrets out of whatever is shown. */
  readonly redaction: Redaction;
  /** Requests tokens, where there is a credential. */
  readonly tokenSource: TokenSource | undefined;
  /** Ends when the time of the step is up, or the walk is ended. */
  signal: AbortSignal;
  /** Whether the server answers without a token. */
  openToAll?: boolean;
  challenge?: Challenge | undefined;
  protectedResource?: ProtectedResourceMetadata | undefined;
  issuer?: string | undefined;
  authorizationServer?: AuthorizationServerMetadata | undefined;
  token?: Pick<AccessToken, 'accessToken' | 'tokenType' | 'scopes' | 'expiresAt'> | undefined;
  session?: McpSession | undefined;
  tools?: readonly ListedTool[] | undefined;
  /** The tools as the server spells and defines them, by name. */
  definitions?: ReadonlyMap<string, Tool> | undefined;
}

/** How a step ended. Strings may be of any origin: they are made safe where the step is put together. */
export interface StepResult {
  readonly sent?: string | undefined;
  readonly expected?: string | undefined;
  readonly received?: string | undefined;
  readonly findings?: readonly Finding[];
  /** Nothing was to be done. */
  readonly skipped?: boolean;
}
