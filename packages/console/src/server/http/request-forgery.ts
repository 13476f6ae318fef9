import type { IncomingHttpHeaders } from 'node:http';

import { ConsoleProblem } from './problem.ts';

/** Only a script of the same origin can set it without asking first. */
export const PAGE_HEADER = 'x-mcp-m2m-console';

/**
 * Refuses requests that another site makes a browser send: a change comes with the console's own header and from its
 * own origin, and nothing is read for another site.
 *
 * Does not tell one program from another: without a session, neither gets anywhere.
 *
 * @throws ConsoleProblem `request_forged`
 * @see {@link https://www.w3.org/TR/fetch-metadata/ | Fetch Metadata Request Headers}
 */
export function refuseForgery(method: string, headers: IncomingHttpHeaders, origin: string): void {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw forged();
  if (method === 'GET' || method === 'HEAD') return;
  if (headers.origin !== origin || headers[PAGE_HEADER] === undefined) throw forged(origin);
}

function forged(origin?: string): ConsoleProblem {
  return new ConsoleProblem(
    403,
    'request_forged',
    `This request does not come from the console's own page${origin === undefined ? '' : ` at ${origin}`}. If you opened it under another address, open it there, or set the option origin to the address in use.`,
  );
}
