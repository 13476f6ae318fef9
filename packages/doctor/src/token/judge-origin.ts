import { printable } from '@mcp-m2m/core';

import type { Finding } from '../diagnosis.ts';
import { warning } from '../findings.ts';
import { providerOf } from '../provider.ts';
import { differBySlash } from '../trailing-slash.ts';
import type { Walk } from '../walk.ts';
import type { UnverifiedToken } from './read-token.ts';

/** Judges from whom a token is. */
export function judgeIssuer(walk: Walk, { claims }: UnverifiedToken): readonly Finding[] {
  const { issuer } = walk;
  const { iss } = claims;
  if (issuer === undefined || iss === issuer) return [];
  if (typeof iss === 'string' && differBySlash(iss, issuer)) {
    return [
      warning(
        'token_issuer_trailing_slash',
        `The token says it is from ${iss}, and the authorization server is ${issuer}: the slash at the end makes them two.`,
        `Have the authorization server write one and the same issuer into its metadata and its tokens; the MCP server has to be configured with ${iss}.`,
      ),
    ];
  }
  const provider = providerOf(walk);
  return [
    warning(
      'token_issuer_differs',
      `The token says it is from ${printable(iss)}, and the authorization server is ${issuer}.`,
      `${provider === undefined ? '' : `With ${provider.name}: ${provider.mend} Otherwise: `}Take the token from that server, or configure the issuer that its tokens name; the MCP server compares them character by character.`,
    ),
  ];
}

/** Judges for whom a token is. */
export function judgeAudience(walk: Walk, { claims }: UnverifiedToken): readonly Finding[] {
  const { resource } = walk.settings;
  const audiences = claims.aud === undefined ? [] : [claims.aud].flat();
  if (audiences.includes(resource)) return [];
  // The two ways to write a bare origin are one URL.
  if (new URL(resource).pathname === '/' && audiences.includes(`${resource}/`)) return [];
  const provider = providerOf(walk);
  const withProvider = (fix: string): string =>
    provider === undefined ? fix : `The authorization server is ${provider.name}. ${provider.mend}`;
  if (audiences.length === 0) {
    return [
      warning(
        'audience_missing',
        'The token names no audience: it is for everybody, and an MCP server must not take it.',
        withProvider(
          `Have the authorization server put ${resource} into "aud" (its setting for the audience or resource of tokens).`,
        ),
      ),
    ];
  }
  const near = audiences
    .filter((audience) => typeof audience === 'string')
    .find((audience) => differBySlash(audience, resource));
  if (near !== undefined) {
    return [
      warning(
        'audience_trailing_slash',
        `The token is for ${near}, and the MCP server is ${resource}: the slash at the end makes them two.`,
        'Write the address in one and the same way at the authorization server, in the configuration of the MCP server and here.',
      ),
    ];
  }
  return [
    warning(
      'audience_differs',
      `The token is for ${printable(audiences)}, and the MCP server is ${resource}: the authorization server may have ignored "resource".`,
      withProvider(
        `Have the authorization server issue tokens for ${resource}, or have the operator of the MCP server name this audience in its configuration if it is its own.`,
      ),
    ),
  ];
}
