import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/client';
import { SdkHttpError } from '@modelcontextprotocol/client';

import { EXIT_CODES } from '../exit-code.ts';
import { explainFailure } from '../explain-failure.ts';

/** No token could be had; outside the range that the protocol keeps for itself. */
const NO_TOKEN = 40_100;
/** The server refused, and not in words of the protocol. */
const REFUSED = 40_300;
const INTERNAL_ERROR = -32_603;

interface JsonRpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/**
 * The answer to a request that failed: the server's own error where it sent one with its refusal, else the failure in
 * words. A request is never left without an answer.
 */
export function answerFailure(id: RequestId, error: unknown): JSONRPCMessage {
  return { jsonrpc: '2.0', id, error: errorOfServer(error) ?? errorInWords(error) };
}

function errorOfServer(error: unknown): JsonRpcError | undefined {
  if (!(error instanceof SdkHttpError)) return undefined;
  const { text } = error.data ?? {};
  if (typeof text !== 'string') return undefined;
  try {
    const { error: found } = JSON.parse(text) as { error?: Partial<JsonRpcError> };
    if (typeof found?.code !== 'number' || typeof found.message !== 'string') return undefined;
    return {
      code: found.code,
      message: found.message,
      ...(found.data === undefined ? {} : { data: found.data }),
    };
  } catch {
    return undefined;
  }
}

function errorInWords(error: unknown): JsonRpcError {
  const { message, exitCode } = explainFailure(error, NEVER);
  const code =
    exitCode === EXIT_CODES.noToken ? NO_TOKEN : exitCode === EXIT_CODES.refused ? REFUSED : INTERNAL_ERROR;
  return { code, message };
}

const NEVER = new AbortController().signal;
