import { printable, sanitizeText } from '@mcp-m2m/core';
import { recognizeProvider } from '@mcp-m2m/core/client';
import { decodeJwt, decodeProtectedHeader, type JWTPayload, type ProtectedHeaderParameters } from 'jose';

import type { Finding } from '../diagnosis.ts';
import { failure, note, warning } from '../findings.ts';
import { judgeSignature } from '../token-signature.ts';
import type { Walk } from '../walk.ts';
import type { Step } from './step.ts';

/** Clocks further apart than this are worth a word; servers tolerate a minute at the most. */
const CLOCK_TOLERANCE_SECONDS = 30;
const LONG_LIFETIME_SECONDS = 24 * 3600;

/** Looks into the token: for whom it is, from whom, how long it lives, and whether it is an access token at all. */
export const token: Step = {
  name: 'token',
  title: 'The token itself',
  async run(walk) {
    const { accessToken } = walk.token ?? {};
    if (accessToken === undefined) return { skipped: true, received: 'there is no token' };
    let header: ProtectedHeaderParameters;
    let claims: JWTPayload;
    try {
      header = decodeProtectedHeader(accessToken);
      claims = decodeJwt(accessToken);
    } catch {
      return {
        received: `an opaque token of ${accessToken.length} characters`,
        findings: [
          note(
            'token_opaque',
            'The token cannot be read by anybody but the authorization server.',
            'The MCP server has to ask for it (introspection, RFC 7662): see that it is configured to.',
          ),
        ],
      };
    }
    const findings = [
      ...judgeKind(walk, header, claims),
      ...judgeIssuer(walk, claims),
      ...judgeAudience(walk, claims),
      ...judgeTimes(walk, claims),
      ...judgeScopes(walk, claims),
      ...judgeBinding(walk, claims),
      ...(await judgeSignature(walk, accessToken, header)),
    ];
    return { expected: describeExpectation(walk), received: describeToken(header, claims), findings };
  },
};

function describeExpectation({ settings, issuer }: Walk): string {
  return `an access token of ${issuer ?? 'a known issuer'} for ${settings.resource}`;
}

function describeToken({ typ, alg }: ProtectedHeaderParameters, claims: JWTPayload): string {
  const lifetime =
    typeof claims.exp === 'number' && typeof claims.iat === 'number'
      ? `${claims.exp - claims.iat} s`
      : 'not said';
  const scopes = scopesOf(claims);
  return sanitizeText(
    `typ ${typ ?? 'none'}, alg ${String(alg)}, iss ${printable(claims.iss)}, aud ${printable(claims.aud)}, client ${printable(claims.client_id ?? claims.azp ?? claims.cid ?? claims.appid)}, sub ${printable(claims.sub)}, scopes ${scopes.join(' ') || 'none'}, lifetime ${lifetime}`,
    1000,
  );
}

function judgeKind(
  { settings }: Walk,
  { typ, alg }: ProtectedHeaderParameters,
  claims: JWTPayload,
): readonly Finding[] {
  if (alg === 'none' || alg === undefined || alg.startsWith('HS')) {
    return [
      failure(
        'token_unsigned',
        `The token is ${alg === 'none' || alg === undefined ? 'not signed' : `signed with a shared secret (${alg})`}; no MCP server can tell whom it is from.`,
        'Have the authorization server sign access tokens with ES256, RS256 or another asymmetric algorithm.',
      ),
    ];
  }
  const isAccessToken = typ?.toLowerCase().replace(/^application\//, '') === 'at+jwt';
  const hasAuthority = ['scope', 'scp', 'roles', 'permissions'].some((name) => claims[name] !== undefined);
  const signs = ['at_hash', 'c_hash', 'nonce'].filter((name) => claims[name] !== undefined);
  const forClient = settings.clientId !== undefined && claims.aud === settings.clientId;
  if (isAccessToken || hasAuthority || (signs.length === 0 && !forClient)) return [];
  return [
    failure(
      'id_token',
      `This is an ID token (${signs.length > 0 ? `it has ${signs.join(', ')}` : 'its audience is the client itself'}): it tells a client who signed in, and opens nothing.`,
      'Send the member access_token of the token response, not id_token.',
    ),
  ];
}

function judgeIssuer({ issuer }: Walk, claims: JWTPayload): readonly Finding[] {
  if (issuer === undefined || claims.iss === issuer) return [];
  return [
    warning(
      'token_issuer_differs',
      `The token says it is from ${printable(claims.iss)}, and the authorization server is ${issuer}.`,
      recognizeProvider(issuer)?.tokenRefusedHint ??
        'Take the token from that server, or configure the issuer that its tokens name; the MCP server compares them character by character.',
    ),
  ];
}

function judgeAudience({ settings, issuer }: Walk, claims: JWTPayload): readonly Finding[] {
  const audiences = claims.aud === undefined ? [] : [claims.aud].flat();
  const { resource } = settings;
  if (audiences.includes(resource) || audiences.includes(`${resource}/`)) return [];
  const mend = issuer === undefined ? undefined : recognizeProvider(issuer)?.tokenRefusedHint;
  if (audiences.length === 0) {
    return [
      warning(
        'audience_missing',
        'The token names no audience: it is for everybody, and an MCP server must not take it.',
        mend ??
          `Have the authorization server put ${resource} into "aud" (its setting for the audience or resource of tokens).`,
      ),
    ];
  }
  return [
    warning(
      'audience_differs',
      `The token is for ${printable(audiences)}, and the MCP server is ${resource}: the authorization server may have ignored "resource".`,
      mend ??
        `Have the authorization server issue tokens for ${resource}, or have the operator of the MCP server name this audience in its configuration if it is its own.`,
    ),
  ];
}

function judgeTimes({ settings, recorder }: Walk, { exp, nbf, iat }: JWTPayload): readonly Finding[] {
  const now = settings.now() / 1000;
  const findings: Finding[] = [];
  const skew = clockSkewSeconds(recorder.exchanges);
  if (Math.abs(skew) > CLOCK_TOLERANCE_SECONDS) {
    findings.push(
      warning(
        'clock_skew',
        `The clock of this machine is ${Math.round(Math.abs(skew))} seconds ${skew > 0 ? 'ahead of' : 'behind'} those of the servers.`,
        'Set the clock of this machine (NTP): assertions and tokens are judged by the time.',
      ),
    );
  }
  if (typeof exp === 'number' && exp <= now) {
    findings.push(
      warning(
        'token_expired',
        `The token ended ${Math.round(now - exp)} seconds ago.`,
        'Request a new one; a token source does that by itself before the old one ends.',
      ),
    );
  }
  const start = Math.max(typeof nbf === 'number' ? nbf : 0, typeof iat === 'number' ? iat : 0);
  if (start - now > CLOCK_TOLERANCE_SECONDS) {
    findings.push(
      warning(
        'token_not_yet_valid',
        `The token is valid ${Math.round(start - now)} seconds from now only.`,
        'Compare the clocks of this machine and of the authorization server.',
      ),
    );
  }
  if (typeof exp === 'number' && typeof iat === 'number' && exp - iat > LONG_LIFETIME_SECONDS) {
    findings.push(
      note(
        'token_lives_long',
        `The token lives ${Math.round((exp - iat) / 3600)} hours; whoever finds it can use it as long.`,
        'Have the authorization server issue shorter ones: a machine asks anew at no cost.',
      ),
    );
  }
  return findings;
}

/** How far this machine's clock is ahead of those of the servers, by the latest `Date` of an answer. */
function clockSkewSeconds(exchanges: Walk['recorder']['exchanges']): number {
  const latest = exchanges.findLast(({ headers }) => headers.has('date') && !headers.has('age'));
  const date = Date.parse(latest?.headers.get('date') ?? '');
  return latest === undefined || Number.isNaN(date) ? 0 : (latest.answeredAt - date) / 1000;
}

function judgeScopes({ challenge }: Walk, claims: JWTPayload): readonly Finding[] {
  const needed = (challenge?.parameters.scope ?? '').split(' ').filter((scope) => scope !== '');
  const granted = scopesOf(claims);
  const missing = needed.filter((scope) => !granted.includes(scope));
  if (missing.length === 0 || granted.length === 0) return [];
  return [
    warning(
      'scope_missing',
      `The MCP server asks for the scopes ${needed.join(' ')}; the token lacks ${missing.join(' ')}.`,
      `Request them (scopes), and have an administrator grant them to this client.`,
    ),
  ];
}

function scopesOf(claims: JWTPayload): readonly string[] {
  const { scope, scp } = claims;
  if (typeof scope === 'string') return scope.split(' ').filter((entry) => entry !== '');
  const listed = scope ?? scp ?? claims.roles ?? claims.permissions;
  if (typeof listed === 'string') return listed.split(' ');
  return Array.isArray(listed) ? listed.filter((entry) => typeof entry === 'string') : [];
}

function judgeBinding({ settings, token: held }: Walk, claims: JWTPayload): readonly Finding[] {
  const confirmation = claims.cnf as { jkt?: unknown } | undefined;
  if (held?.tokenType === 'DPoP' && settings.token === undefined && confirmation?.jkt === undefined) {
    return [
      warning(
        'binding_ignored',
        'A token bound to a key was asked for, and this one names none (cnf.jkt).',
        'Enable DPoP for this client at the authorization server; until then whoever finds the token can use it.',
      ),
    ];
  }
  if (confirmation?.jkt !== undefined && settings.dpop === undefined) {
    return [
      failure(
        'dpop_required',
        'The token is bound to a key (DPoP), and goes nowhere without proofs made with that key.',
        'Request the token with the key that makes the proofs: dpop: createDpop(), or --dpop on the command line.',
      ),
    ];
  }
  return [];
}
