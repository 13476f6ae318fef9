import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { startOwnAuthorizationServer, type OwnAuthorizationServer } from './authorization-server.ts';
import { REVISIONS } from './suite.ts';
import { startToolServer } from './tool-server.ts';

/** What came of a scenario of the suite in which this project's authorization server took the place of the suite's. */
export interface MachineVerdict {
  readonly title: string;
  readonly ok: boolean;
  readonly summary: string;
  /** What client and server printed, where it is not ok. */
  readonly output: string;
}

/** What the suite would tell the client under test, and who the protected server then has to see. */
interface Registration {
  readonly context: Readonly<Record<string, string>>;
  readonly caller: string;
}

/** Registers the client of a scenario, as its authorization server would have it. */
type Register = (stage: Stage) => Promise<Registration>;

interface Stage {
  readonly own: OwnAuthorizationServer;
  readonly resource: string;
  /** A platform of workloads or an identity provider: whoever signs what the client presents. */
  readonly authority: TestAuthority;
}

const CLIENT = fileURLToPath(new URL('client.ts', import.meta.url));
const CLIENT_ID = 'nightly-report';
const SCOPES = ['deploy:read'];
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
const SUBJECT = 'repo:octo-org/app:ref:refs/heads/main';

/** The suite's client scenarios of machines, by name. In all others a person signs in, which this server does not offer. */
const SCENARIOS: Readonly<Record<string, Register>> = {
  'auth/client-credentials-basic': async ({ own, resource }) => {
    const { secret = '' } = await own.server.clients.create({
      clientId: CLIENT_ID,
      authentication: { method: 'secret' },
      access: [{ resource, scopes: SCOPES }],
    });
    return { context: { client_secret: secret }, caller: `machine ${CLIENT_ID} ${CLIENT_ID}` };
  },
  'auth/client-credentials-jwt': async ({ own, resource }) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    await own.server.clients.create({
      clientId: CLIENT_ID,
      authentication: { method: 'private_key_jwt', publicKey },
      access: [{ resource, scopes: SCOPES }],
    });
    return { context: { private_key_pem: privateKey }, caller: `machine ${CLIENT_ID} ${CLIENT_ID}` };
  },
  'auth/wif-jwt-bearer': async ({ own, resource, authority }) => {
    await own.server.clients.create({
      clientId: CLIENT_ID,
      authentication: { method: 'workload' },
      access: [{ resource, scopes: SCOPES }],
      grantTypes: [JWT_BEARER],
    });
    const { trust } = own.server;
    const { id: issuerId } = await trust.issuers.create({ issuer: authority.issuer, kind: 'workload' });
    const conditions = [{ claim: 'sub', equals: SUBJECT }];
    await trust.rules.create({ issuerId, clientId: CLIENT_ID, conditions });
    const token = sign(authority, { sub: SUBJECT, aud: own.issuer });
    return { context: { valid_jwt: token }, caller: `machine ${CLIENT_ID} ${CLIENT_ID}` };
  },
  'auth/enterprise-managed-authorization': async ({ own, resource, authority }) => {
    const { secret = '' } = await own.server.clients.create({
      clientId: CLIENT_ID,
      authentication: { method: 'secret' },
      access: [{ resource, scopes: SCOPES }],
      grantTypes: [JWT_BEARER],
    });
    await own.server.trust.issuers.create({ issuer: authority.issuer, kind: 'id-jag' });
    exchangeForIdJags(authority);
    const context = {
      client_secret: secret,
      idp_issuer: authority.issuer,
      idp_client_id: 'machine-at-idp',
      idp_id_token: sign(authority, { sub: 'ada', aud: 'machine-at-idp' }),
    };
    return { context, caller: `user ${CLIENT_ID} ${authority.issuer}|ada` };
  },
};

/** Runs the client under test in the suite's scenarios of machines, in each revision. */
export async function* runMachineScenarios(): AsyncGenerator<MachineVerdict> {
  for (const [scenario, register] of Object.entries(SCENARIOS)) {
    for (const revision of REVISIONS) {
      await using own = await startOwnAuthorizationServer();
      await using server = await startToolServer(own.issuer);
      await using authority = disposable(await createTestAuthority());
      await own.server.resources.create({ resource: server.resource, scopes: SCOPES });
      const { context, caller } = await register({ own, resource: server.resource, authority });
      const { exitCode, output } = await runClient(scenario, revision, server.resource, context);
      const issued = own.events.filter(({ type }) => type === 'token_issued').length;
      yield {
        title: `${scenario} ${revision}, at this project's authorization server`,
        ok: exitCode === 0 && issued === 1 && server.callers.join() === caller,
        summary: `exit code ${exitCode}, tokens issued: ${issued}, called by: ${server.callers.join() || 'nobody'}`,
        output,
      };
    }
  }
}

async function runClient(
  scenario: string,
  revision: string,
  url: string,
  context: Readonly<Record<string, string>>,
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const child = spawn(process.execPath, [CLIENT, url], {
    env: {
      ...process.env,
      MCP_CONFORMANCE_SCENARIO: scenario,
      MCP_CONFORMANCE_PROTOCOL_VERSION: revision,
      MCP_CONFORMANCE_CONTEXT: JSON.stringify({ client_id: CLIENT_ID, ...context }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  }
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, output };
}

/** Lets the identity provider answer every token exchange with an ID-JAG for whom and what is asked. */
function exchangeForIdJags(authority: TestAuthority): void {
  authority.setMetadata({
    grant_types_supported: [TOKEN_EXCHANGE],
    token_endpoint_auth_methods_supported: ['none'],
  });
  authority.endpoints.token.answerWith(({ body }) => {
    const form = new URLSearchParams(body);
    const claims = {
      sub: 'ada',
      aud: form.get('audience'),
      client_id: CLIENT_ID,
      resource: form.get('resource'),
      scope: SCOPES.join(' '),
      jti: crypto.randomUUID(),
    };
    const json = {
      access_token: sign(authority, claims, 'oauth-id-jag+jwt'),
      issued_token_type: 'urn:ietf:params:oauth:token-type:id-jag',
      token_type: 'N_A',
    };
    return { status: 200, json };
  });
}

function sign(authority: TestAuthority, claims: Readonly<Record<string, unknown>>, typ = 'JWT'): string {
  const { keyId, algorithm } = authority.signingKey;
  const iat = Math.floor(authority.now() / 1000);
  return authority.mintRaw({
    header: { alg: algorithm, kid: keyId, typ },
    payload: { iss: authority.issuer, iat, exp: iat + 300, ...claims },
  });
}

function disposable(authority: TestAuthority): TestAuthority & AsyncDisposable {
  return Object.assign(authority, { [Symbol.asyncDispose]: () => authority.close() });
}
