import { parseChallenges, sanitizeText } from '@mcp-m2m/core';

import type { RecordedExchange } from '../exchange-recorder.ts';

/** The server's own sentence, where it has one, as the end of one of ours. */
export function wordsOf({ headers, body }: RecordedExchange): string {
  const document = readJson(body);
  const error = document?.error as { message?: unknown } | undefined;
  const challenge = parseChallenges(headers.get('www-authenticate') ?? '').find(
    ({ parameters }) => parameters.error_description !== undefined,
  );
  const words =
    typeof error?.message === 'string'
      ? error.message
      : typeof document?.error_description === 'string'
        ? document.error_description
        : challenge?.parameters.error_description;
  return words === undefined ? '' : `: "${sanitizeText(words, 500).replace(/\.$/, '')}"`;
}

/** The body of a refusal, where it is a JSON object. */
export function readJson(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
