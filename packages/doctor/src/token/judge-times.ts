import { printable } from '@mcp-m2m/core';

import type { Finding } from '../diagnosis.ts';
import type { RecordedExchange } from '../exchange-recorder.ts';
import { note, warning } from '../findings.ts';
import type { Walk } from '../walk.ts';
import { timeOf, type UnverifiedToken } from './read-token.ts';

/** Clocks further apart than this are worth a word; servers tolerate a minute at the most. */
const CLOCK_TOLERANCE_SECONDS = 30;
const LONG_LIFETIME_SECONDS = 24 * 3600;
/** A century: no clock is that wrong, and a header is easily. */
const NONSENSE_SECONDS = 100 * 365 * 86_400;

/** Judges when a token is valid, by this machine's clock, and that clock by those of the servers. */
export function judgeTimes({ settings, recorder }: Walk, { claims }: UnverifiedToken): readonly Finding[] {
  const now = settings.now() / 1000;
  const [exp, nbf, iat] = [timeOf(claims.exp), timeOf(claims.nbf), timeOf(claims.iat)];
  return [
    ...judgeClock(clockSkewSeconds(recorder.since(0))),
    ...judgeEnd(claims.exp, exp, now),
    ...judgeStart(Math.max(nbf ?? 0, iat ?? 0), now),
    ...judgeLifetime(exp, iat ?? now),
  ];
}

function judgeClock(skew: number): readonly Finding[] {
  if (Math.abs(skew) <= CLOCK_TOLERANCE_SECONDS || Math.abs(skew) > NONSENSE_SECONDS) return [];
  return [
    warning(
      'clock_skew',
      `The clock of this machine is ${Math.round(Math.abs(skew))} seconds ${skew > 0 ? 'ahead of' : 'behind'} those of the servers.`,
      'Set the clock of this machine (NTP): assertions and tokens are judged by the time.',
    ),
  ];
}

function judgeEnd(claim: unknown, exp: number | undefined, now: number): readonly Finding[] {
  if (exp === undefined || exp - now > NONSENSE_SECONDS) {
    return [
      warning(
        'token_expiry_invalid',
        `The token does not say when it ends: "exp" is ${claim === undefined ? 'missing' : printable(claim)}, where seconds since 1970 are due.`,
        'Have the authorization server write "exp" as a number of seconds, not of milliseconds and not as text; MCP servers must not take a token without.',
      ),
    ];
  }
  if (exp > now) return [];
  return [
    warning(
      'token_expired',
      `The token ended ${Math.round(now - exp)} seconds ago.`,
      'Request a new one; a token source does that by itself before the old one ends.',
    ),
  ];
}

function judgeStart(start: number, now: number): readonly Finding[] {
  if (start - now <= CLOCK_TOLERANCE_SECONDS) return [];
  return [
    warning(
      'token_not_yet_valid',
      `The token is valid ${Math.round(start - now)} seconds from now only.`,
      'Compare the clocks of this machine and of the authorization server.',
    ),
  ];
}

function judgeLifetime(exp: number | undefined, start: number): readonly Finding[] {
  const lifetime = exp === undefined ? 0 : exp - start;
  if (lifetime <= LONG_LIFETIME_SECONDS || lifetime > NONSENSE_SECONDS) return [];
  return [
    note(
      'token_lives_long',
      `The token lives ${Math.round(lifetime / 3600)} hours; whoever finds it can use it as long.`,
      'Have the authorization server issue shorter ones: a machine asks anew at no cost.',
    ),
  ];
}

/** How far this machine's clock is ahead of those of the servers, by the latest `Date` of an answer. */
function clockSkewSeconds(exchanges: readonly RecordedExchange[]): number {
  const latest = exchanges.findLast(({ headers }) => headers.has('date') && !headers.has('age'));
  const date = Date.parse(latest?.headers.get('date') ?? '');
  return latest === undefined || Number.isNaN(date) ? 0 : (latest.answeredAt - date) / 1000;
}
