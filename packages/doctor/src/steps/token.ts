import { printable, sanitizeText } from '@mcp-m2m/core';

import { note, warning } from '../findings.ts';
import { providerOf } from '../provider.ts';
import { judgeBinding, judgeScopes } from '../token/judge-authority.ts';
import { judgeKind } from '../token/judge-kind.ts';
import { judgeAudience, judgeIssuer } from '../token/judge-origin.ts';
import { judgeSignature } from '../token/judge-signature.ts';
import { judgeTimes } from '../token/judge-times.ts';
import { readToken, scopesOf, timeOf, type UnverifiedToken } from '../token/read-token.ts';
import type { StepResult, Walk } from '../walk.ts';
import type { Step } from './step.ts';

/** Looks into the token: for whom it is, from whom, how long it lives, and whether it is an access token at all. */
export const token: Step = {
  name: 'token',
  title: 'The token itself',
  async run(walk) {
    const { accessToken } = walk.token ?? {};
    if (accessToken === undefined) return { skipped: true, received: 'there is no token' };
    const read = readToken(accessToken);
    if (read === undefined) return describeOpaqueToken(walk, accessToken);
    const { settings, issuer } = walk;
    return {
      sent: 'nothing: the token is read here, and its signature compared with the published keys',
      expected: `an access token of ${issuer ?? 'a known issuer'} for ${settings.resource}`,
      received: describeToken(read),
      findings: [
        ...judgeKind(walk, read),
        ...judgeIssuer(walk, read),
        ...judgeAudience(walk, read),
        ...judgeTimes(walk, read),
        ...judgeScopes(walk, read),
        ...judgeBinding(walk, read),
        ...(await judgeSignature(walk, accessToken, read)),
      ],
    };
  },
};

function describeOpaqueToken(walk: Walk, accessToken: string): StepResult {
  const provider = providerOf(walk);
  const encrypted = accessToken.split('.').length === 5;
  return {
    received: `an ${encrypted ? 'encrypted' : 'opaque'} token of ${accessToken.length} characters`,
    findings: [
      provider === undefined
        ? note(
            'token_opaque',
            'The token cannot be read by anybody but the authorization server.',
            'The MCP server has to ask for it (introspection, RFC 7662): see that it is configured to.',
          )
        : // These providers issue readable tokens to those who name an API, and have others for their own use.
          warning(
            'token_opaque',
            `The token cannot be read by anybody but ${provider.name}, which has readable ones for other servers.`,
            provider.mend,
          ),
    ],
  };
}

function describeToken(read: UnverifiedToken): string {
  const { header, claims } = read;
  const [exp, iat] = [timeOf(claims.exp), timeOf(claims.iat)];
  const client = claims.client_id ?? claims.azp ?? claims.cid ?? claims.appid;
  const members = {
    typ: show(header.typ),
    alg: show(header.alg),
    iss: show(claims.iss),
    aud: show(claims.aud),
    client: show(client),
    sub: show(claims.sub),
    scopes: show(scopesOf(read)),
    lifetime: exp === undefined || iat === undefined ? 'not said' : `${Math.round(exp - iat)} s`,
  };
  const shown = Object.entries(members).map(([name, value]) => `${name} ${value}`);
  return sanitizeText(shown.join(', '), 1500);
}

function show(value: unknown): string {
  return value === undefined || (Array.isArray(value) && value.length === 0) ? 'none' : printable(value);
}
