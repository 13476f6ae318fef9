import { sanitizeText } from '@mcp-m2m/core';
import { NodeFetchError } from '@mcp-m2m/core/node';

import { failure } from '../findings.ts';
import type { StepResult } from '../walk.ts';
import { describeConnectionFailure } from './connection.ts';

/** What says more than that a request failed. */
const TELLING =
  /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EPROTO|ERR_SSL|ERR_TLS|CERT_|\w*SELF_SIGNED_CERT|UNABLE_TO_)/;

/**
 * Says why a request to the MCP server failed, where a `fetch` of the caller's own made the connection.
 *
 * @returns nothing where the failure says nothing more
 */
export function explainRequestFailure(error: unknown, resource: string): StepResult | undefined {
  if (error instanceof NodeFetchError) {
    if (error.code !== 'address_refused' && error.code !== 'insecure_url') return undefined;
    const message = sanitizeText(error.message.replace(/ To connect there on purpose.*$/, ''), 300);
    return {
      received: error.code,
      findings: [
        failure(
          'address_refused',
          `${resource} is not called from here: ${message}`,
          'This is a guard against requests into private networks. If the server belongs there, have the operator of this program open its network (allowedNetworks, allowLoopback); otherwise correct the URL.',
        ),
      ],
    };
  }
  const code = codeOf(error);
  if (code === undefined || !TELLING.test(code)) return undefined;
  const { protocol, hostname, port } = new URL(resource);
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  return describeConnectionFailure({ code }, hostname, number, new AbortController().signal);
}

/** Runtimes bury it in causes. */
function codeOf(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    const { code } = current as { code?: unknown };
    if (typeof code === 'string') return code;
    current = current.cause;
  }
  return undefined;
}
