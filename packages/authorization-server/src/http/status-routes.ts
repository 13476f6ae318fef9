import type { IncomingMessage, ServerResponse } from 'node:http';

import { PATHS } from '../endpoints.ts';
import type { PublishedStatusList } from '../withdrawal/status-list-publisher.ts';
import { refuseMethod, sendRefusal, type Route } from './documents.ts';
import { sendJson } from './send-json.ts';

/** Dependencies of {@link createStatusListRoute}. */
export interface StatusListRouteDependencies {
  readonly find: (listId: number) => Promise<PublishedStatusList | undefined>;
  readonly maxAgeSeconds: number;
  /** Records who fetched a list, if the request says so. */
  readonly recordFetch: (authorization: string, listId: number, version: number) => Promise<void>;
  /** Told of what went wrong. */
  readonly onFailure: (error: unknown) => void;
}

const LIST_PATH = new RegExp(`${PATHS.status}/([1-9]\\d{0,8})$`);

/**
 * Makes the route of the status lists, for anybody; a resource server that authenticates is remembered.
 *
 * @see {@link https://datatracker.ietf.org/doc/draft-ietf-oauth-status-list/ | Token Status List, section 8}
 */
export function createStatusListRoute(dependencies: StatusListRouteDependencies): Route {
  const { find, maxAgeSeconds, recordFetch, onFailure } = dependencies;

  const serve = async (request: IncomingMessage, response: ServerResponse, listId: number): Promise<void> => {
    const list = await find(listId);
    if (list === undefined) {
      sendRefusal(response, 404, 'not_found', 'there is no such status list');
      return;
    }
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      // The list is public: that it could not be recorded who fetches it keeps nobody from it.
      await recordFetch(authorization, listId, list.version).catch(onFailure);
    }
    const headers = {
      // A shared copy would hide who fetches it.
      'Cache-Control': `${authorization === undefined ? 'public' : 'private'}, max-age=${maxAgeSeconds}`,
      ETag: list.etag,
      Vary: 'Authorization',
      'Access-Control-Allow-Origin': '*',
    };
    if (request.headers['if-none-match']?.includes(list.etag) === true) {
      response.writeHead(304, headers).end();
      return;
    }
    sendJson(response, 200, list.token, { 'Content-Type': 'application/statuslist+jwt', ...headers });
  };

  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      refuseMethod(response, 'GET, HEAD');
      return;
    }
    const [, listId] = LIST_PATH.exec(pathOf(request)) ?? [];
    serve(request, response, Number(listId ?? 0)).catch((error: unknown) => {
      onFailure(error);
      refuseForNow(response);
    });
  };
}

/** Makes the route that lists the status lists which living tokens refer to. */
export function createStatusAggregationRoute(
  listUris: () => Promise<readonly string[]>,
  maxAgeSeconds: number,
  onFailure: (error: unknown) => void,
): Route {
  const serve = async (response: ServerResponse): Promise<void> => {
    sendJson(response, 200, JSON.stringify({ status_lists: await listUris() }), {
      'Cache-Control': `public, max-age=${maxAgeSeconds}`,
      'Access-Control-Allow-Origin': '*',
    });
  };
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      refuseMethod(response, 'GET, HEAD');
      return;
    }
    serve(response).catch((error: unknown) => {
      onFailure(error);
      refuseForNow(response);
    });
  };
}

function refuseForNow(response: ServerResponse): void {
  if (response.headersSent) return;
  const detail = 'the authorization server cannot tell at the moment; try again';
  sendRefusal(response, 503, 'temporarily_unavailable', detail, { 'Retry-After': '5' });
}

function pathOf(request: IncomingMessage): string {
  return request.url?.replace(/[?#].*$/s, '') ?? '';
}
