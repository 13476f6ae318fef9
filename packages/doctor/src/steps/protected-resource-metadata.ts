import { printable, protectedResourceMetadataUrl } from '@mcp-m2m/core';
import { fetchProtectedResourceMetadata } from '@mcp-m2m/core/client';

import type { Finding } from '../diagnosis.ts';
import { failure } from '../findings.ts';
import { differBySlash } from '../trailing-slash.ts';
import type { StepResult, Walk } from '../walk.ts';
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

function chooseIssuer(walk: Walk, listed: readonly string[]): StepResult {
  const { issuer } = walk.settings;
  const [only] = listed;
  if (issuer !== undefined) {
    walk.issuer = issuer;
    if (listed.includes(issuer)) return {};
    const near = listed.find((other) => differBySlash(other, issuer));
    return {
      findings: [
        near === undefined
          ? failure(
              'issuer_not_listed',
              `This credential belongs to ${issuer}, and the MCP server takes tokens of ${printable(listed)} only.`,
              'Use a credential of one of those authorization servers, or have the operator of the MCP server trust this one as well.',
            )
          : failure(
              'issuer_spelled_differently',
              `The issuer is ${near} to the MCP server, and ${issuer} here: the slash at the end makes them two.`,
              `Configure ${near}.`,
            ),
      ],
    };
  }
  if (only === undefined) {
    return {
      findings: [
        failure(
          'authorization_servers_missing',
          'The MCP server does not say whose tokens it takes ("authorization_servers" is empty or missing).',
          'Have its operator list the authorization server in its metadata.',
        ),
      ],
    };
  }
  if (listed.length > 1) {
    return {
      findings: [
        failure(
          'issuer_ambiguous',
          `The MCP server takes tokens of several authorization servers: ${printable(listed)}.`,
          'Say which one the credential belongs to (issuer): a credential is never tried elsewhere.',
        ),
      ],
    };
  }
  walk.issuer = only;
  return {};
}
