import { OAuth2Issuer, OAuth2Service } from 'oauth2-mock-server';
import { startHost, type Host } from './host.ts';

/** oauth2-mock-server, which issues a token to whoever asks for one. */
export interface MockServer {
  readonly issuer: string;
  readonly host: Host;
  readonly service: OAuth2Service;
  readonly tokenRequests: () => number;
}

export async function startMockServer(): Promise<MockServer> {
  const host = await startHost();
  const issuer = new OAuth2Issuer();
  issuer.url = host.origin;
  await issuer.keys.generate('RS256');
  const service = new OAuth2Service(issuer);
  host.serve(service.requestHandler);
  return {
    issuer: host.origin,
    host,
    service,
    tokenRequests: () => host.requests.filter((request) => request === 'POST /token').length,
  };
}
