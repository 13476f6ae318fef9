import { DocumentError } from '@mcp-m2m/core';

import type { Finding } from '../diagnosis.ts';
import type { FindingCode } from '../finding-code.ts';
import { failure } from '../findings.ts';
import type { StepResult } from '../walk.ts';

/** What the failures of a document are called. */
export interface DocumentFindings {
  /** For people: `The metadata of the MCP server`. */
  readonly document: string;
  readonly missing: FindingCode;
  readonly invalid: FindingCode;
  readonly elsewhere: FindingCode;
  /** What to do where it is missing. */
  readonly missingFix: string;
  readonly mismatch: (error: DocumentError) => Promise<Finding> | Finding;
}

/**
 * Says why a metadata document could not be used.
 *
 * @throws what is no {@link DocumentError}
 */
export async function explainDocumentFailure(error: unknown, about: DocumentFindings): Promise<StepResult> {
  if (!(error instanceof DocumentError)) throw error;
  const { expected, received } = error;
  return { expected, received, findings: [await findingOf(error, about)] };
}

async function findingOf(error: DocumentError, about: DocumentFindings): Promise<Finding> {
  const { document } = about;
  switch (error.code) {
    case 'identity_mismatch':
      return await about.mismatch(error);
    case 'insecure_url':
      if (error.received.includes('address_refused')) return explainRefusedAddress(error.url);
      return failure(
        about.elsewhere,
        `${document} is not where it may be: expected ${error.expected}, received ${error.received}.`,
        'Have the operator of that server publish https addresses of its own; nothing is fetched from elsewhere.',
      );
    case 'timeout':
      return failure(
        'timed_out',
        `${error.url} does not answer in time.`,
        'See whether that server hangs, or whether this machine may reach it.',
      );
    case 'unreachable':
      return failure(
        'unreachable',
        `${error.url} cannot be reached: ${error.received}.`,
        'See whether that server runs, and whether this machine may reach it.',
      );
    case 'redirected':
      return failure(
        'redirected',
        `${error.url} redirects; metadata is never taken from where a redirect leads.`,
        'Publish the document at that very address.',
      );
    case 'unexpected_status':
      return (error.status ?? 404) >= 500
        ? failure(
            'server_failing',
            `${error.url} fails with ${error.received}.`,
            'See the log of that server.',
          )
        : failure(
            about.missing,
            `${document} is not published: expected ${error.expected}, received ${error.received}.`,
            about.missingFix,
          );
    case 'unexpected_content_type':
    case 'too_large':
    case 'not_json':
    case 'not_an_object':
    case 'invalid_member':
      return failure(
        about.invalid,
        `${document} cannot be used: ${error.url} should have ${error.expected}, and has ${error.received}.`,
        'Have the operator of that server correct the document.',
      );
  }
}

/** By a `fetch` that keeps to public addresses. */
function explainRefusedAddress(url: string): Finding {
  return failure(
    'address_refused',
    `${url} is not called from here: its address is not a public one.`,
    'This is a guard against servers that send clients into private networks. If that server belongs there, have the operator of this program open its network (allowedNetworks, allowLoopback).',
  );
}
