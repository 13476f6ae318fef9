import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import * as oauth from 'oauth4webapi';
import { createResourceServer } from '../../../src/server/resource-server.ts';
import type { RefusalReason } from '../../../src/server/refusal-reason.ts';
import { SIGNATURE_ALGORITHMS } from '../../../src/server/signature-algorithms.ts';
import { ISSUER, NOW, RESOURCE } from './build-token.ts';
import type { PublishedKeys } from './published-keys.ts';

/** What the three make of one token. */
export interface Verdicts {
  /** Why we refuse it; `undefined` where we accept it. */
  readonly refusedFor: RefusalReason | undefined;
  readonly joseAccepts: boolean;
  readonly oauth4webapiAccepts: boolean;
}

/** Judges tokens by all three, with the same keys, audience, algorithms, clock and tolerance. */
export interface Judges {
  readonly judge: (token: string) => Promise<Verdicts>;
  readonly close: () => Promise<void>;
}

const CLOCK_TOLERANCE_SECONDS = 30;
const ALGORITHMS = [...SIGNATURE_ALGORITHMS];

/** Starts the judges; the key set is served over loopback HTTP. The clock of the process has to stand at `NOW`. */
export async function createJudges({ document }: PublishedKeys): Promise<Judges> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const jwksUri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
  const [judgeOurs, joseAccepts, oauth4webapiAccepts] = [
    createOurJudge(jwksUri),
    createJoseJudge(document),
    createOAuth4WebApiJudge(jwksUri),
  ];
  return {
    judge: async (token) => ({
      refusedFor: await judgeOurs(token),
      joseAccepts: await joseAccepts(token),
      oauth4webapiAccepts: await oauth4webapiAccepts(token),
    }),
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function createOurJudge(jwksUri: string): (token: string) => Promise<RefusalReason | undefined> {
  const resourceServer = createResourceServer({
    resource: RESOURCE,
    authorizationServers: [{ issuer: ISSUER, jwksUri }],
    now: () => NOW * 1000,
    clockToleranceSeconds: CLOCK_TOLERANCE_SECONDS,
  });
  const decide = async (token: string): Promise<RefusalReason | undefined> => {
    const headers = { authorization: `Bearer ${token}` };
    const decision = await resourceServer.authenticate({ method: 'POST', url: '/mcp', headers });
    if (decision.ok) return undefined;
    if (decision.status !== 401) throw new Error(`answered ${decision.status} (${decision.reason})`);
    return decision.reason;
  };
  return async (token) => {
    const [cold, warm] = [await decide(token), await decide(token)];
    if (cold !== warm) throw new Error(`first ${cold ?? 'accepted'}, then ${warm ?? 'accepted'}`);
    return cold;
  };
}

function createJoseJudge(document: PublishedKeys['document']): (token: string) => Promise<boolean> {
  const keys = createLocalJWKSet(document as unknown as JSONWebKeySet);
  return (token) =>
    isFulfilled(() =>
      jwtVerify(token, keys, {
        issuer: ISSUER,
        audience: RESOURCE,
        typ: 'at+jwt',
        algorithms: ALGORITHMS,
        requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(NOW * 1000),
      }),
    );
}

function createOAuth4WebApiJudge(jwksUri: string): (token: string) => Promise<boolean> {
  const authorizationServer = { issuer: ISSUER, jwks_uri: jwksUri };
  return (token) =>
    isFulfilled(() => {
      const request = new Request(RESOURCE, { headers: { authorization: `Bearer ${token}` } });
      return oauth.validateJwtAccessToken(authorizationServer, request, RESOURCE, {
        signingAlgorithms: ALGORITHMS,
        [oauth.allowInsecureRequests]: true,
        [oauth.clockTolerance]: CLOCK_TOLERANCE_SECONDS,
      });
    });
}

async function isFulfilled(attempt: () => Promise<unknown>): Promise<boolean> {
  try {
    await attempt();
    return true;
  } catch {
    return false;
  }
}
