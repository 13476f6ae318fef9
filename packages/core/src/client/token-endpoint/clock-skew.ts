/** Up to here servers make allowances, and the header's whole seconds and slow answers blur what is seen. */
const UNREMARKABLE_SECONDS = 30;

// RFC 9110 §5.6.7, the one form that is still sent.
const HTTP_DATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * Tells in words how far the clock here and a server's are apart, by the `Date` of its answer.
 *
 * Whatever passed on the way counts for the server: only what the time between request and answer does not
 * explain is skew. Does not tell which of the two is right, and trusts the header for words only.
 *
 * @param dateHeader - the header's value
 * @param requestedAt - when the request was sent, in milliseconds since the epoch by the clock here
 * @param receivedAt - when the answer was there, likewise
 * @returns a sentence, or `undefined` up to 30 seconds and where the header is absent or malformed
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1 | RFC 9110 §6.6.1}
 */
export function describeClockSkew(
  dateHeader: string | null | undefined,
  requestedAt: number,
  receivedAt: number,
): string | undefined {
  const text = dateHeader?.trim() ?? '';
  const date = HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  // The header stands for a whole second.
  const behind = Math.floor((requestedAt - (date + 999)) / 1000);
  const ahead = Math.floor((date - receivedAt) / 1000);
  if (behind > UNREMARKABLE_SECONDS) return sentence(behind, 'ahead of');
  if (ahead > UNREMARKABLE_SECONDS) return sentence(ahead, 'behind');
  return undefined;
}

function sentence(seconds: number, relation: string): string {
  return `The clock here is ${inWords(seconds)} ${relation} the server's, by the Date of its answer: synchronise both with a time server.`;
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${seconds} seconds`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} minutes`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} hours`;
  return `${Math.round(seconds / 86_400)} days`;
}
