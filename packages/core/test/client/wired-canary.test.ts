import { inspect } from 'node:util';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { exportJWK, generateKeyPair } from 'jose';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  auth0,
  authorizedFetch,
  clientSecretBasic,
  clientSecretPost,
  createDpop,
  createRedisTokenStore,
  createTokenSource,
  enterpriseManaged,
  jwtBearer,
  privateKeyJwt,
  tokenExchange,
  type RedisCommand,
  type TokenSourceOptions,
} from '../../src/client/index.ts';
import { createTokenTelemetry } from '../../src/opentelemetry/index.ts';
import { startLoopbackServer } from '../loopback-server.ts';
import { createScene, SECRET, type Scene } from './scene.ts';

const OTHER_SECRET = 'canary-secret-of-last-year';
const IDENTITY = 'canary-identity-assertion-of-the-user';
const CALLERS_TOKEN = 'canary-token-of-the-caller';
const WORKLOAD = 'canary-header.canary-claims.canary-signature';
const ENCRYPTION_KEY = btoa('canary-of-a-32-byte-long-key-abc');
const { privateKey } = await generateKeyPair('ES256', { extractable: true });
const jwk = await exportJWK(privateKey);
const dpopPair = await generateKeyPair('ES256', { extractable: true });
const dpopJwk = await exportJWK(dpopPair.privateKey);

/** Everything that is known to be secret before a request is made. */
const KNOWN = [SECRET, OTHER_SECRET, IDENTITY, CALLERS_TOKEN, WORKLOAD, ENCRYPTION_KEY, jwk.d, dpopJwk.d];

type Print = (value: unknown) => void;

/** Collects whatever a program may print: what is thrown, events, spans and metrics. */
async function createCollector(scene: Scene) {
  const printed: string[] = [];
  const print: Print = (value) => {
    if (value instanceof Error) printed.push(value.message, value.stack ?? '', String(value));
    printed.push(
      inspect(value, { showHidden: true, depth: 12, maxStringLength: null, maxArrayLength: null }),
    );
    printed.push(JSON.stringify(value) ?? '');
  };
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({
    exporter: metricExporter,
    exportIntervalMillis: 3_600_000,
  });
  const meterProvider = new MeterProvider({ readers: [reader] });
  const spanExporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spanExporter)] });
  onTestFinished(async () => {
    await meterProvider.shutdown();
    await tracerProvider.shutdown();
  });
  const telemetry = createTokenTelemetry({
    meter: meterProvider.getMeter('canary'),
    tracer: tracerProvider.getTracer('canary'),
  });
  const onEvent: TokenSourceOptions['onEvent'] = (event) => {
    scene.events.push(event);
    telemetry(event);
  };
  async function finish(): Promise<string> {
    print(scene.events);
    await meterProvider.forceFlush();
    print(metricExporter.getMetrics());
    for (const { name, attributes, events, status } of spanExporter.getFinishedSpans()) {
      print({ name, attributes, events, status });
    }
    return printed.join('\n');
  }
  return { print, onEvent, finish };
}

/** What was sent, whole and in parts: everything but what is public. */
function sentSecrets(scene: Scene): string[] {
  const toServer = scene.authority.endpoints.token.requests.flatMap(({ headers, body }) => {
    const form = new URLSearchParams(body);
    const secret = ['client_secret', 'client_assertion', 'assertion', 'subject_token', 'actor_token'];
    return [
      headers.authorization?.replace('Basic ', ''),
      headers.dpop,
      ...secret.map((name) => form.get(name)),
    ];
  });
  const toResource = scene.calls().map(({ headers }) => headers.authorization?.replace(/^\w+ /, ''));
  return [...KNOWN, ...toServer, ...toResource]
    .flatMap((value) =>
      value === undefined || value === null ? [] : [String(value), ...String(value).split('.')],
    )
    .filter(({ length }) => length >= 12);
}

/** Everything of a request, in the words of a server that hides nothing. */
const echo = (headers: object, body: string): string =>
  `${JSON.stringify(headers)} ${body} ${[...new URLSearchParams(body).values()].join(' ')}`;

/** How the parts are wired, and what goes wrong. */
interface Story {
  readonly options: (scene: Scene) => Partial<TokenSourceOptions> | Promise<Partial<TokenSourceOptions>>;
  readonly grantType?: string;
}

/** A Redis that is empty, and fails from the given command on: the first write is the lease, the second has the token. */
function failWithToken(name: 'GET' | 'EVAL', time: number): RedisCommand {
  let times = 0;
  return async (args) => {
    if (args[0] === name && ++times >= time) {
      throw Object.assign(new Error(`ERR unknown command ${args.join(' ')}`), { command: args });
    }
    return args[0] === 'GET' ? null : 1;
  };
}

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const STORIES: Readonly<Record<string, Story>> = {
  'S1: credentials in order': {
    options: () => ({
      authentication: [
        clientSecretBasic({ clientSecret: OTHER_SECRET }),
        clientSecretPost({ clientSecret: () => SECRET }),
      ],
    }),
  },
  'S2, S4: private_key_jwt and DPoP': {
    options: ({ authority }) => ({
      authentication: privateKeyJwt({ key: jwk, algorithm: 'ES256' }),
      dpop: createDpop({ key: dpopJwk, now: authority.now }),
    }),
  },
  'S1: a provider profile': { options: () => ({ provider: auth0({ audience: 'https://api.example.com' }) }) },
  'S2: a workload identity': {
    grantType: JWT_BEARER,
    options: () => ({ grant: jwtBearer({ assertion: async () => WORKLOAD }) }),
  },
  'S3: token exchange': {
    grantType: 'urn:ietf:params:oauth:grant-type:token-exchange',
    options: () => ({
      grant: tokenExchange({
        subjectToken: CALLERS_TOKEN,
        actorToken: async () => CALLERS_TOKEN,
        actor: 'this server',
      }),
    }),
  },
  'S2: enterprise-managed authorization, at the identity provider': {
    grantType: JWT_BEARER,
    options: async () => {
      const provider = await startLoopbackServer(({ url, headers, body }) =>
        url === '/.well-known/openid-configuration'
          ? { json: { issuer: provider.origin, token_endpoint: `${provider.origin}/token` } }
          : url === '/token'
            ? { status: 400, json: { error: 'invalid_grant', error_description: echo(headers, body) } }
            : { status: 404 },
      );
      return {
        grant: enterpriseManaged({
          identityProvider: {
            issuer: provider.origin,
            clientId: 'desk',
            authentication: clientSecretPost({ clientSecret: OTHER_SECRET }),
          },
          subjectToken: async () => IDENTITY,
          subject: 'alice',
        }),
      };
    },
  },
  'S3: a shared store that quotes the command in its error': {
    options: () => ({
      store: createRedisTokenStore({ encryptionKey: ENCRYPTION_KEY, command: failWithToken('EVAL', 2) }),
    }),
  },
  'S3: a shared store without encryption that quotes the command in its error': {
    options: () => ({ store: createRedisTokenStore({ command: failWithToken('EVAL', 2) }) }),
  },
  'S3: a shared store that fails when it is read': {
    options: () => ({ store: createRedisTokenStore({ command: failWithToken('GET', 1) }) }),
  },
};

async function tell({ options, grantType }: Story) {
  const scene = await createScene();
  const { publicKey } = await generateKeyPair('ES256');
  scene.authority.registerClient({ clientId: 'nightly-report', secret: SECRET, publicKey });
  if (grantType !== undefined) {
    scene.authority.setMetadata({ grant_types_supported: [grantType] });
  }
  const collector = await createCollector(scene);
  const { onEvent } = collector;
  const tokens = createTokenSource({ ...scene.options, onEvent, ...(await options(scene)) });
  return { scene, tokens, ...collector };
}

describe.each(Object.entries(STORIES))('nothing printed holds a secret of %s', (_, story) => {
  it.each([
    ['invalid_client', 401],
    ['invalid_grant', 400],
    ['use_dpop_nonce', 400],
    ['server_error', 500],
  ])('when the authorization server answers %s and repeats the request', async (code, status) => {
    const { scene, tokens, print, finish } = await tell(story);
    scene.authority.endpoints.token.answerWith(({ headers, body }) => ({
      status,
      headers: { 'dpop-nonce': 'n', 'retry-after': '5' },
      json: { error: code, error_description: echo(headers, body), access_token: headers.authorization },
    }));
    for (let call = 0; call < 3; call++) {
      const [outcome] = await Promise.allSettled([tokens.getToken()]);
      if (outcome.status === 'rejected') print(outcome.reason);
    }
    print(tokens);
    const printed = await finish();
    expect(scene.events.length).toBeGreaterThan(0);
    expect(printed).toContain('mcp.auth.token.requests');
    for (const secret of sentSecrets(scene)) expect(printed).not.toContain(secret);
  });

  it('when a token comes, is refused by the MCP server with all its words, and cannot be renewed', async () => {
    const { scene, tokens, print, finish } = await tell(story);
    let issued = 0;
    scene.authority.endpoints.token.answerWith(({ headers, body }) =>
      ++issued > 2
        ? { status: 400, json: { error: 'invalid_request', error_description: echo(headers, body) } }
        : {
            json: {
              access_token: `${scene.authority.mint({ aud: scene.resource })}${issued}`,
              issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
              token_type: headers.dpop === undefined ? 'Bearer' : 'DPoP',
              expires_in: 300,
            },
          },
    );
    scene.answer = ({ headers, body }) => ({
      status: 401,
      headers: {
        'www-authenticate': `Bearer error="invalid_token", error_description="${headers.authorization?.replaceAll('"', '')}"`,
      },
      json: { headers, body },
    });
    const fetch = authorizedFetch(tokens);
    for (let call = 0; call < 4; call++) {
      const [outcome] = await Promise.allSettled([fetch(scene.resource, { method: 'POST', body: 'x' })]);
      if (outcome.status === 'rejected') print(outcome.reason);
      scene.authority.advanceSeconds(40);
    }
    print([tokens, fetch]);
    const printed = await finish();
    for (const secret of sentSecrets(scene)) expect(printed).not.toContain(secret);
  });
});
