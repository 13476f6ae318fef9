import { sanitizeText } from '@mcp-m2m/core';
import { TokenAcquisitionError } from '@mcp-m2m/core/client';
import { SdkHttpError } from '@modelcontextprotocol/client';

import { CommandError } from './command-error.ts';
import { EXIT_CODES, type ExitCode } from './exit-code.ts';

/** A failure in words, and the exit code it ends in. */
export interface ExplainedFailure {
  readonly message: string;
  readonly exitCode: ExitCode;
}

const UNREACHABLE: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const DOCTOR = 'Run "mcp-m2m doctor" with the same options to have every step explained.';

/** Says why a command failed. No token or secret stands in the words. */
export function explainFailure(error: unknown, signal: AbortSignal): ExplainedFailure {
  if (signal.aborted) return { message: 'Ended.', exitCode: EXIT_CODES.interrupted };
  if (error instanceof CommandError) return { message: error.message, exitCode: error.exitCode };
  if (error instanceof TokenAcquisitionError) {
    return { message: `${error.message}\n${DOCTOR}`, exitCode: EXIT_CODES.noToken };
  }
  const cause = tokenFailureWithin(error);
  if (cause !== undefined) return explainFailure(cause, signal);
  if (error instanceof SdkHttpError) return explainRefusal(error);
  // What option is wrong is told by those who read it.
  if (error instanceof TypeError && error.cause === undefined) {
    return { message: error.message, exitCode: EXIT_CODES.usage };
  }
  const words = error instanceof Error ? (connectionFailure(error) ?? error.message) : 'The command failed.';
  return { message: `${sanitizeText(words, 1000)}\n${DOCTOR}`, exitCode: EXIT_CODES.failed };
}

function explainRefusal(error: SdkHttpError): ExplainedFailure {
  const { status, text } = error.data ?? {};
  const refused = status === 401 || status === 403;
  const words = wordsOf(text) ?? `The server answers with status ${status}.`;
  return {
    message: `${sanitizeText(words, 1000)}\n${DOCTOR}`,
    exitCode: refused ? EXIT_CODES.refused : EXIT_CODES.failed,
  };
}

/** The server's own sentence: of a JSON-RPC error, or of an OAuth one. */
function wordsOf(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  try {
    const document = JSON.parse(text) as { error?: { message?: unknown }; error_description?: unknown };
    const words = document.error?.message ?? document.error_description;
    return typeof words === 'string' ? words : undefined;
  } catch {
    return undefined;
  }
}

/** What became of a connection, which `fetch` keeps to its cause. */
function connectionFailure({ message, cause }: Error): string | undefined {
  const { code } = (cause ?? {}) as { code?: unknown };
  if (message !== 'fetch failed' || typeof code !== 'string') return undefined;
  return UNREACHABLE.has(code)
    ? `The server cannot be reached (${code}).`
    : `The connection to the server broke (${code}).`;
}

function tokenFailureWithin(error: unknown): TokenAcquisitionError | undefined {
  for (let current = error, depth = 0; current instanceof Error && depth < 5; depth++) {
    if (current instanceof TokenAcquisitionError) return current;
    current = current.cause;
  }
  return undefined;
}
