import { createTokenSource, jwtBearer, noClientAuthentication } from '@mcp-m2m/core/client';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { list, requestToken } from './calls.ts';
import type { Parties } from './parties.ts';
import type { Step } from './step.ts';

/** A client that was disabled while it held a token. */
export interface DisabledClient {
  readonly token: string;
  /** When, in milliseconds. */
  readonly at: number;
}

const SCOPES = ['deploy:read'];

/** Credentials are rotated and withdrawn, and one client has none at all. */
export async function* credentialsChange(parties: Parties): AsyncGenerator<Step, DisabledClient> {
  yield await rotateSecret(parties);
  const cluster = await createTestAuthority();
  try {
    return yield* trustWorkload(parties, cluster);
  } finally {
    await cluster.close();
  }
}

async function rotateSecret({ authorizationServer, resource }: Parties): Promise<Step> {
  const { ask, issuer } = authorizationServer;
  const clientId = 'importer';
  const access = [{ resource, scopes: SCOPES }];
  const { clientSecret: old = '' } = await ask({ type: 'register', client: { clientId, access } });
  const works = async (secret: string): Promise<boolean> =>
    requestToken(issuer, clientId, secret, resource).then(
      () => true,
      () => false,
    );
  const before = await works(old);
  const { clientSecret: replacement } = await ask({ type: 'start_rotation', clientId });
  const during = [await works(old), await works(replacement)];
  await ask({ type: 'finish_rotation', clientId });
  const after = [await works(old), await works(replacement)];
  const say = (answers: readonly boolean[]): string =>
    `old ${answers[0] === true ? 'works' : 'refused'}, new ${answers[1] === true ? 'works' : 'refused'}`;
  return {
    step: 'An administrator rotates a secret',
    expected: 'both work until the rotation is finished, then the new one alone',
    happened: `meanwhile: ${say(during)}; once it is finished: ${say(after)}`,
    asExpected: before && during.every(Boolean) && after[0] === false && after[1] === true,
  };
}

async function* trustWorkload(
  { authorizationServer, servers, resource }: Parties,
  cluster: TestAuthority,
): AsyncGenerator<Step, DisabledClient> {
  const { ask, issuer } = authorizationServer;
  const clientId = 'deployer';
  const access = servers.map((server) => ({ resource: server.resource, scopes: SCOPES }));
  await ask({ type: 'register', client: { clientId, access, workload: true } });
  const pods = { issuer: cluster.issuer, namespace: 'ci', serviceAccount: 'deployer', clientId };
  await ask({ type: 'trust_pods', pods });
  const acquire = async (namespace: string): Promise<string> => {
    const tokens = createTokenSource({
      resource,
      issuer,
      clientId,
      authentication: noClientAuthentication(),
      grant: jwtBearer({ assertion: async () => projectToken(cluster, issuer, namespace) }),
    });
    return (await tokens.getToken()).accessToken;
  };

  const token = await acquire('ci');
  const answer = await list(resource, token);
  yield {
    step: 'A pod without any secret: its cluster vouches for it',
    expected: 'the service account’s token is enough, by a rule of the administrator',
    happened: `${answer.words}, called by "${clientId}"`,
    asExpected: answer.status === 200,
  };

  const refused = await acquire('sandbox').then(
    () => 'it got a token',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );
  const { summary } = await ask({ type: 'dry_run', token: projectToken(cluster, issuer, 'sandbox') });
  yield {
    step: 'A pod of another namespace',
    expected: 'invalid_grant; a dry run tells the administrator why',
    happened: `${refused}. Dry run: ${summary}`,
    asExpected: refused === 'invalid_grant' && summary.includes('sub'),
  };

  await ask({ type: 'disable', clientId });
  return { token, at: Date.now() };
}

/** Tells from when on the token of a disabled client is refused. */
export async function tellOfDisabledClient(
  { resource }: Parties,
  { token, at }: DisabledClient,
): Promise<Step> {
  const deadline = at + 20_000;
  let answer = await list(resource, token);
  while (answer.status === 200 && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    answer = await list(resource, token);
  }
  const seconds = Math.round((Date.now() - at) / 1000);
  return {
    step: 'The pod’s client was disabled; its token has not expired',
    expected: '401, once the status list (10 s here) is fetched again',
    happened: `${answer.words} (${seconds} s later)`,
    asExpected: answer.status === 401 && answer.words.includes('revoked'),
  };
}

/** The token that the kubelet puts into a pod. */
function projectToken(cluster: TestAuthority, audience: string, namespace: string): string {
  const { keyId, algorithm } = cluster.signingKey;
  const iat = Math.floor(cluster.now() / 1000);
  return cluster.mintRaw({
    header: { alg: algorithm, kid: keyId, typ: 'JWT' },
    payload: {
      iss: cluster.issuer,
      sub: `system:serviceaccount:${namespace}:deployer`,
      aud: [audience],
      iat,
      exp: iat + 3600,
    },
  });
}
