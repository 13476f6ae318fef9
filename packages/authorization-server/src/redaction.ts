import { sanitizeText } from '@mcp-m2m/core';

import { CLIENT_SECRET_PATTERN } from './clients/client-secret.ts';

const COMPACT_JWT = /[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g;
const CLIENT_SECRET = new RegExp(CLIENT_SECRET_PATTERN, 'g');

/**
 * Makes text of unknown origin fit for an event: what looks like a client secret or a signed token is
 * replaced, control characters are escaped, and the length is bounded.
 *
 * A net under the rule that no secret is put into a message in the first place, not a substitute for it.
 */
export function redact(text: string): string {
  return sanitizeText(text.replace(CLIENT_SECRET, '[secret]').replace(COMPACT_JWT, '[token]'), 500);
}
