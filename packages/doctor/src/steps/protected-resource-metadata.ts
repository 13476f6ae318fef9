import { printable, protectedResourceMetadataUrl } from '@mcp-m2m/core';
import { fetchProtectedResourceMetadata } from '@mcp-m2m/core/client';

import type { Finding } from '../diagnosis.ts';
import { failure } from '../findings.ts';
import { differBySlash } from '../trailing-slash.ts';
import type { Walk } from '../walk.ts';
import { chooseIssuer } from './choose-issuer.ts';
import { explainDocumentFailure } from './document-failure.ts';
import type { Step } from './step.ts';

/** Fetches the document in which the MCP server says who it is and whose tokens it takes. */
export const protectedResourceMetadata: Step = {
  name: 'protected_resource_metadata',
  title: 'Metadata of the MCP server (RFC 9728)',
  async run(walk) {
    const { resource, clientId, token } = walk.settings;
    if (walk.openToAll === true && clientId === undefined && token === undefined) {
      return { skipped: true, received: 'the server answers without a token' };
    }
    const challenged = walk.challenge?.parameters.resource_metadata;
    const sent = `GET ${challenged ?? protectedResourceMetadataUrl(resource)}`;
    try {
      const metadata = await fetchProtectedResourceMetadata(resource, challenged, documentOptions(walk));
      walk.protectedResource = metadata;
      return {
        sent,
        expected: `"resource": ${printable(resource)}, and its authorization servers`,
        received: `${metadata.url}: authorization servers ${printable(metadata.authorizationServers)}, scopes ${printable(metadata.scopesSupported ?? [])}`,
        ...chooseIssuer(walk, metadata.authorizationServers),
      };
    } catch (error) {
      return {
        sent,
        ...(await explainDocumentFailure(error, {
          document: 'The metadata of the MCP server',
          missing: 'resource_metadata_missing',
          invalid: 'resource_metadata_invalid',
          elsewhere: 'resource_metadata_elsewhere',
          missingFix: `Publish it at ${protectedResourceMetadataUrl(resource)}; a proxy must pass that path on to the MCP server as well.`,
          mismatch: ({ received }) => explainMismatch(resource, received),
        })),
      };
    }
  },
};

/** How documents are fetched during a step. */
export function documentOptions({ recorder, signal, settings }: Walk) {
  const { now, timeoutMilliseconds } = settings;
  return { fetch: recorder.fetch, signal, now, timeoutMilliseconds };
}

function explainMismatch(resource: string, received: string): Finding {
  const named = received.replace(/^"|"$/g, '');
  if (differBySlash(named, resource)) {
    return failure(
      'resource_trailing_slash',
      `The server calls itself ${named}, and is configured here as ${resource}: the slash at the end makes them two.`,
      `Configure ${named}, or have the server's metadata say ${resource}.`,
    );
  }
  return failure(
    'resource_mismatch',
    `The server calls itself ${received}, and is configured here as ${resource}: its metadata must not be used.`,
    `If both are the same server, configure the address it names. Behind a proxy, have the server's option "resource" say its public address, ${resource}.`,
  );
}
