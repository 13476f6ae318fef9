import type { Configuration } from '../authorization-server-options.ts';
import type { Endpoints } from '../endpoints.ts';
import { AUTHORIZATION_GUIDANCE } from '../provider/grant-guidance.ts';
import { describeServer, describeServerForOpenId } from '../provider/metadata.ts';
import type { CurrentResources, ResourceScopes } from '../resources/current-resources.ts';
import { serveCurrentDocument } from './current-document.ts';
import { sendRefusal, type Route } from './documents.ts';
import type { Routes } from './request-handler.ts';

/** How long metadata may be cached. */
const DOCUMENT_MAX_AGE_SECONDS = 300;

/**
 * Makes the routes of the metadata, in both of its shapes, and of the authorization endpoint that it has to name.
 *
 * @param current - the resources as they are now
 */
export function createDocumentRoutes(
  endpoints: Endpoints,
  current: CurrentResources,
  configuration: Configuration,
): Pick<Routes, 'metadata' | 'openIdMetadata' | 'authorization'> {
  const { issuer, resources: fallback } = configuration;
  const describe = (resources: ResourceScopes) => describeServer(issuer, endpoints, resources, configuration);
  const document = {
    current,
    fallback,
    contentType: 'application/json',
    maxAgeSeconds: DOCUMENT_MAX_AGE_SECONDS,
  };
  const authorization: Route = (_request, response) => {
    sendRefusal(response, 400, 'unsupported_response_type', AUTHORIZATION_GUIDANCE);
  };
  return {
    metadata: serveCurrentDocument({ ...document, describe }),
    openIdMetadata: serveCurrentDocument({
      ...document,
      describe: (resources) => describeServerForOpenId(describe(resources)),
    }),
    authorization,
  };
}
