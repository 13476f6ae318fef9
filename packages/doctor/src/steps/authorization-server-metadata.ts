import { fetchAuthorizationServerMetadata, printable, sanitizeText } from '@mcp-m2m/core';

import type { Finding } from '../diagnosis.ts';
import { failure } from '../findings.ts';
import { differBySlash } from '../trailing-slash.ts';
import type { Walk } from '../walk.ts';
import { explainDocumentFailure } from './document-failure.ts';
import { documentOptions } from './protected-resource-metadata.ts';
import type { Step } from './step.ts';

/** Fetches what the authorization server says of itself. */
export const authorizationServerMetadata: Step = {
  name: 'authorization_server_metadata',
  title: 'Metadata of the authorization server (RFC 8414)',
  async run(walk) {
    const { issuer } = walk;
    if (issuer === undefined) return { skipped: true, received: 'no authorization server is known' };
    const sent = `GET the well-known addresses of ${issuer}`;
    try {
      const metadata = await fetchAuthorizationServerMetadata(issuer, documentOptions(walk));
      walk.authorizationServer = metadata;
      const { tokenEndpoint, grantTypesSupported, tokenEndpointAuthMethodsSupported, url } = metadata;
      return {
        sent,
        expected: `"issuer": ${printable(issuer)}, and a token endpoint`,
        received: `${url}: token endpoint ${sanitizeText(tokenEndpoint ?? 'none')}, grants ${describeList(grantTypesSupported)}, client authentication ${describeList(tokenEndpointAuthMethodsSupported)}`,
        findings:
          tokenEndpoint === undefined
            ? [
                failure(
                  'token_endpoint_missing',
                  `${issuer} names no token endpoint.`,
                  'Have its operator add token_endpoint to the metadata.',
                ),
              ]
            : [],
      };
    } catch (error) {
      return {
        sent,
        ...(await explainDocumentFailure(error, {
          document: 'The metadata of the authorization server',
          missing: 'authorization_server_metadata_missing',
          invalid: 'authorization_server_metadata_invalid',
          elsewhere: 'authorization_server_metadata_invalid',
          missingFix: `Check the issuer: ${issuer} must be exactly what the authorization server calls itself (for Keycloak with /realms/…, for Okta with /oauth2/…, for Entra ID with /v2.0).`,
          mismatch: ({ received }) => explainMismatch(walk, issuer, received),
        })),
      };
    }
  },
};

/** A list of the metadata, where the server has it. */
export function describeList(list: readonly string[] | undefined): string {
  return list === undefined ? 'not said' : printable(list);
}

function explainMismatch({ settings }: Walk, issuer: string, received: string): Finding {
  const named = received.replace(/^"|"$/g, '');
  const configured = settings.issuer === undefined ? "the MCP server's metadata names" : 'configured here is';
  if (differBySlash(named, issuer)) {
    return failure(
      'issuer_trailing_slash',
      `The authorization server calls itself ${named}, and ${configured} ${issuer}: the slash at the end makes them two.`,
      `Write ${named} everywhere: here, and in the metadata of the MCP server.`,
    );
  }
  return failure(
    'issuer_mismatch',
    `The authorization server calls itself ${received}, and ${configured} ${issuer}: its metadata must not be used.`,
    'Configure exactly the identifier that the document states. If it is an internal address, set the public one at the authorization server (its hostname or issuer setting, behind a proxy).',
  );
}
