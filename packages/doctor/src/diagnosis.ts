import type { FindingCode } from './finding-code.ts';

/** The stations of a connection, in the order a client comes by them. */
export type StepName =
  | 'connection'
  | 'challenge'
  | 'protected_resource_metadata'
  | 'authorization_server_metadata'
  | 'grant'
  | 'token_request'
  | 'token'
  | 'handshake'
  | 'tools'
  | 'tool_call';

/**
 * How a step ended. `warned`: a client comes past it, yet something is worth a look; `skipped`: nothing was to be
 * done, or what it needs is missing.
 */
export type StepStatus = 'passed' | 'warned' | 'failed' | 'skipped';

/** Something that was found, and what to do about it. */
export interface Finding {
  readonly code: FindingCode;
  /** `failure`: a client does not come past it. `warning`: it does, or may. `note`: good to know. */
  readonly severity: 'failure' | 'warning' | 'note';
  /** What is wrong, in a sentence. */
  readonly message: string;
  /** What a person does about it, in a sentence or two. */
  readonly fix: string;
  /** Where it is explained. */
  readonly link: string;
}

/** One step of the walk. No secret, assertion or token stands in any member. */
export interface DiagnosisStep {
  readonly name: StepName;
  /** For people. */
  readonly title: string;
  readonly status: StepStatus;
  /** What was sent, in a line. */
  readonly sent: string | undefined;
  /** What would have been accepted. */
  readonly expected: string | undefined;
  /** What came back, sanitised and bounded. */
  readonly received: string | undefined;
  readonly durationMilliseconds: number;
  readonly findings: readonly Finding[];
}

/** A tool as the server lists it; names and texts are the server's, sanitised and bounded. */
export interface ListedTool {
  readonly name: string;
  readonly description: string | undefined;
}

/** A whole walk. */
export interface Diagnosis {
  /** The MCP server that was examined. */
  readonly url: string;
  /**
   * `healthy`: all the way to the tools; `incomplete`: as far as a client comes without a credential, nothing is
   * wrong; `broken`: there is a failure.
   */
  readonly outcome: 'healthy' | 'incomplete' | 'broken';
  /** The finding that explains the outcome best; `undefined` where there is nothing to say. */
  readonly verdict: Finding | undefined;
  readonly steps: readonly DiagnosisStep[];
  /** `undefined` where the walk did not come that far. */
  readonly tools: readonly ListedTool[] | undefined;
  /** When it began, in ISO 8601. */
  readonly startedAt: string;
  readonly durationMilliseconds: number;
}
