import { printable } from '@mcp-m2m/core';

/** Whether a token names an audience, and no other. */
export interface AudienceJudgement {
  readonly met: boolean;
  readonly expected: string;
  readonly received: string;
}

/**
 * Judges whether an audience is the only one of a token: another one could use the token here.
 *
 * @param audience - the claim `aud`
 * @param expected - the one audience it must name
 */
export function judgeAudience(audience: unknown, expected: string): AudienceJudgement {
  // The only member of an array names the same single audience (RFC 7519 §4.1.3).
  const sole = Array.isArray(audience) && audience.length === 1 ? (audience[0] as unknown) : audience;
  return {
    met: sole === expected,
    expected: `${printable(expected)} alone`,
    received: audience === undefined ? 'nothing' : printable(audience),
  };
}
