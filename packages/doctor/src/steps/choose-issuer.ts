import { parseIssuerIdentifier, printable } from '@mcp-m2m/core';

import type { Finding } from '../diagnosis.ts';
import { failure } from '../findings.ts';
import { readToken } from '../token/read-token.ts';
import { differBySlash } from '../trailing-slash.ts';
import type { StepResult, Walk } from '../walk.ts';

/**
 * Chooses the authorization server: the one the credential belongs to, which the MCP server has to list; without a
 * credential the one that a given token names, or the only one listed.
 */
export function chooseIssuer(walk: Walk, listed: readonly string[]): StepResult {
  const { settings } = walk;
  if (settings.issuer !== undefined) {
    walk.issuer = settings.issuer;
    return { findings: judgePinned(settings.issuer, listed) };
  }
  const named = settings.token === undefined ? undefined : readToken(settings.token)?.claims.iss;
  const found = listed.find((issuer) => issuer === named) ?? (listed.length === 1 ? listed[0] : undefined);
  if (found === undefined) return { findings: [explainChoice(listed)] };
  try {
    walk.issuer = parseIssuerIdentifier(found);
    return {};
  } catch {
    return {
      findings: [
        failure(
          'resource_metadata_invalid',
          `The MCP server names ${printable(found)} as its authorization server, which is not the https address of one.`,
          'Have its operator put the issuer of the authorization server into "authorization_servers", exactly as that server writes it.',
        ),
      ],
    };
  }
}

function judgePinned(issuer: string, listed: readonly string[]): readonly Finding[] {
  if (listed.includes(issuer)) return [];
  const near = listed.find((other) => differBySlash(other, issuer));
  if (near !== undefined) {
    return [
      failure(
        'issuer_spelled_differently',
        `The issuer is ${near} to the MCP server, and ${issuer} here: the slash at the end makes them two.`,
        `Configure ${near}.`,
      ),
    ];
  }
  if (listed.length === 0) return [authorizationServersMissing()];
  return [
    failure(
      'issuer_not_listed',
      `This credential belongs to ${issuer}, and the MCP server takes tokens of ${printable(listed)} only.`,
      'Use a credential of one of those authorization servers, or have the operator of the MCP server trust this one as well.',
    ),
  ];
}

function explainChoice(listed: readonly string[]): Finding {
  if (listed.length === 0) return authorizationServersMissing();
  return failure(
    'issuer_ambiguous',
    `The MCP server takes tokens of several authorization servers: ${printable(listed)}.`,
    'Say which one the credential belongs to (issuer): a credential is never tried elsewhere.',
  );
}

function authorizationServersMissing(): Finding {
  return failure(
    'authorization_servers_missing',
    'The MCP server does not say whose tokens it takes ("authorization_servers" is empty or missing).',
    'Have its operator list the authorization server in its metadata.',
  );
}
