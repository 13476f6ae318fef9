import { sanitizeText } from '@mcp-m2m/core';
import { NodeFetchError } from '@mcp-m2m/core/node';

import { failure } from '../findings.ts';
import type { StepResult } from '../walk.ts';
import { describeConnectionFailure } from './connection-failure.ts';

/** What says more than that a request failed. */
const TELLING =
  /^(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EPROTO|ERR_SSL|ERR_TLS|CERT_|\w*SELF_SIGNED_CERT|UNABLE_TO_)/;

/** What came is no HTTP, or more of it than anybody has to read. */
const UNREADABLE = /^(?:HPE_|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RES|Z_|ERR_BROTLI|ERR_ZSTD|answer_too_long)/;

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
  if (code === undefined) return undefined;
  if (UNREADABLE.test(code)) {
    const shown = sanitizeText(code, 80);
    return {
      received: shown,
      findings: [
        failure(
          'answer_unreadable',
          `What ${resource} answers cannot be read as HTTP within bounds (${shown}).`,
          'See that the port is that of the MCP server and not of another service, that headers stay under 16 KiB and answers under 8 MiB, and that nothing on the way mixes up their encoding.',
        ),
      ],
    };
  }
  if (!TELLING.test(code)) return undefined;
  const { protocol, hostname, port } = new URL(resource);
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
  return describeConnectionFailure({ code }, hostname, number, { aborted: false });
}

/** Runtimes bury it in causes. */
function codeOf(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    const { code, name } = current as { code?: unknown; name?: unknown };
    if (typeof code === 'string') return code;
    // Not every one of them has a code.
    if (name === 'HTTPParserError') return 'HPE_INVALID';
    current = current.cause;
  }
  return undefined;
}
