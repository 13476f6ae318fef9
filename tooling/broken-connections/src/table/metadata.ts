import type { RequestHandler } from 'express';

import type { BrokenConnection } from '../connection.ts';
import { startScene } from '../scene.ts';
import { withoutResponseHeader } from './proxies-and-sessions.ts';

const METADATA = '/.well-known/oauth-protected-resource';

/** A client that only looks. */
const WITHOUT_CREDENTIAL = {
  issuer: undefined as never,
  clientId: undefined as never,
  clientSecret: undefined as never,
};

/** A server whose own metadata is replaced by another document. */
function publishing(document: (url: string, issuer: string) => unknown) {
  return ({ url, authority }: { url: string; authority: { issuer: string } }): RequestHandler =>
    (request, response, next) => {
      if (request.path.startsWith(METADATA)) response.json(document(url, authority.issuer));
      else next();
    };
}

/** What goes wrong with what the two servers say of themselves. */
export const metadata: readonly BrokenConnection[] = [
  {
    id: 'proxy-strips-the-challenge',
    title: 'A proxy removes the WWW-Authenticate header',
    verdict: 'challenge_missing',
    says: /let WWW-Authenticate pass/,
    works: true,
    start: () => startScene({ before: () => withoutResponseHeader('www-authenticate') }),
  },
  {
    id: 'proxy-asks-for-a-password',
    title: 'A proxy asks for a password before the server is reached',
    verdict: 'challenge_of_another_scheme',
    says: /exempt this path/,
    start: () =>
      startScene({
        before: () => (_request, response) =>
          void response.status(401).set('WWW-Authenticate', 'Basic realm="staging"').end(),
      }),
  },
  {
    id: 'proxy-hides-the-metadata',
    title: 'A proxy passes /mcp on, and not the well-known path',
    verdict: 'resource_metadata_missing',
    says: /pass that path on/,
    start: () =>
      startScene({
        before: () => (request, response, next) => {
          if (request.path.startsWith('/.well-known/')) response.status(404).end();
          else next();
        },
      }),
  },
  {
    id: 'metadata-is-a-web-page',
    title: 'The well-known path answers with a web page',
    verdict: 'resource_metadata_invalid',
    says: /text\/html/,
    start: () =>
      startScene({
        before: () => (request, response, next) => {
          if (request.path.startsWith('/.well-known/')) response.send('<!doctype html><title>App</title>');
          else next();
        },
      }),
  },
  {
    id: 'internal-address-behind-a-proxy',
    title: 'The server calls itself by its internal address',
    verdict: 'resource_mismatch',
    says: /Behind a proxy/,
    start: () =>
      startScene({
        before: publishing((_url, issuer) => ({
          resource: 'http://mcp-server:3000/mcp',
          authorization_servers: [issuer],
        })),
      }),
  },
  {
    id: 'resource-with-a-slash',
    title: 'The server calls itself with a slash at the end',
    verdict: 'resource_trailing_slash',
    says: /slash at the end makes them two/,
    start: () =>
      startScene({
        before: publishing((url, issuer) => ({ resource: `${url}/`, authorization_servers: [issuer] })),
      }),
  },
  {
    id: 'no-authorization-server-named',
    title: 'The server does not say whose tokens it takes',
    verdict: 'authorization_servers_missing',
    says: /list the authorization server/,
    start: () =>
      startScene({
        before: publishing((url) => ({ resource: url })),
        client: () => WITHOUT_CREDENTIAL,
      }),
  },
  {
    id: 'several-authorization-servers',
    title: 'The server takes tokens of two issuers, and none was chosen',
    verdict: 'issuer_ambiguous',
    says: /which one the credential belongs to/,
    start: () =>
      startScene({
        before: publishing((url, issuer) => ({
          resource: url,
          authorization_servers: [issuer, 'https://other.example.com'],
        })),
        client: () => WITHOUT_CREDENTIAL,
      }),
  },
  {
    id: 'credential-of-another-server',
    title: 'The credential belongs to another authorization server',
    verdict: 'issuer_not_listed',
    says: /takes tokens of \[.*\] only/,
    start: () => startScene({ client: () => ({ issuer: 'https://login.example.com' }) }),
  },
  {
    id: 'issuer-with-a-slash',
    title: 'The issuer is configured with a slash too many',
    verdict: 'issuer_spelled_differently',
    says: /slash at the end makes them two/,
    start: () => startScene({ client: ({ authority }) => ({ issuer: `${authority.issuer}/` }) }),
  },
  {
    id: 'authorization-server-without-metadata',
    title: 'There is no metadata at the issuer',
    verdict: 'authorization_server_metadata_missing',
    says: /must be exactly what the authorization server calls itself/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.endpoints.metadata.answerWith({ status: 404 });
        },
      }),
  },
  {
    id: 'authorization-server-behind-sign-in',
    title: 'A web page stands where the metadata of the authorization server should be',
    verdict: 'authorization_server_metadata_invalid',
    says: /text\/html/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.endpoints.metadata.answerWith({
            headers: { 'content-type': 'text/html' },
            body: '<!doctype html><title>Sign in</title>',
          });
        },
      }),
  },
  {
    id: 'authorization-server-down',
    title: 'The authorization server is down',
    verdict: 'unreachable',
    says: /See whether that server runs/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.goDown();
        },
      }),
  },
  {
    id: 'metadata-of-another-issuer',
    title: 'The authorization server calls itself by its internal address',
    verdict: 'issuer_mismatch',
    says: /set the public one/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.setMetadata({ issuer: 'http://keycloak:8080/realms/main' });
        },
      }),
  },
  {
    id: 'metadata-with-a-slash',
    title: 'The authorization server calls itself with a slash at the end',
    verdict: 'issuer_trailing_slash',
    says: /everywhere: here, and in the metadata/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.setMetadata({ issuer: `${authority.issuer}/` });
        },
      }),
  },
  {
    id: 'no-token-endpoint',
    title: 'The authorization server names no token endpoint',
    verdict: 'token_endpoint_missing',
    says: /add token_endpoint/,
    start: () =>
      startScene({
        prepare: ({ authority }) => {
          authority.setMetadata({ token_endpoint: undefined });
        },
      }),
  },
  {
    id: 'metadata-on-another-host',
    title: 'The challenge sends clients to another host for the metadata',
    verdict: 'resource_metadata_elsewhere',
    says: /nothing is fetched from elsewhere/,
    start: () =>
      startScene({
        before: () => (_request, response) =>
          void response
            .status(401)
            .set('WWW-Authenticate', 'Bearer resource_metadata="https://169.254.169.254/latest/meta-data"')
            .end(),
      }),
  },
  {
    id: 'authorization-server-by-name',
    title: 'The server names its authorization server by host name, not by address',
    verdict: 'resource_metadata_invalid',
    says: /is not the https address of one/,
    start: () =>
      startScene({
        before: publishing((url) => ({ resource: url, authorization_servers: ['auth.example.com'] })),
        client: () => WITHOUT_CREDENTIAL,
      }),
  },
  {
    id: 'challenge-without-address',
    title: 'The challenge does not say where the metadata is',
    verdict: 'challenge_without_metadata',
    says: /Add resource_metadata/,
    works: true,
    start: () =>
      startScene({
        before: () => (request, response, next) => {
          if (request.path.startsWith('/.well-known/') || request.headers.authorization !== undefined) next();
          else response.status(401).set('WWW-Authenticate', 'Bearer').end();
        },
      }),
  },
  {
    id: 'body-judged-first',
    title: 'The server judges the message before it asks who sends it',
    verdict: 'judged_before_authentication',
    says: /before the MCP handler/,
    works: true,
    start: () =>
      startScene({
        before: () => (request, response, next) => {
          if (request.path.startsWith('/.well-known/') || request.headers.authorization !== undefined) next();
          else response.status(400).end();
        },
      }),
  },
];
