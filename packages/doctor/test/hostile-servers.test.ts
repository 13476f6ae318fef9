import { gzipSync } from 'node:zlib';

import { clientSecretBasic } from '@mcp-m2m/core/client';
import { createNodeFetch } from '@mcp-m2m/core/node';
import { describe, expect, it } from 'vitest';

import { diagnose, formatTree, type DiagnoseOptions, type Diagnosis } from '../src/index.ts';
import { json, startHostileServer, type HostileServer, type Place, type Trick } from './hostile-server.ts';

const CLIENT_SECRET = 'a secret of the tests, 0815-4711';

function optionsFor({ url, origin }: HostileServer): DiagnoseOptions {
  return {
    url,
    issuer: origin,
    clientId: 'nightly-report',
    authentication: clientSecretBasic({ clientSecret: CLIENT_SECRET }),
    tool: { name: 'look' },
    timeoutMilliseconds: 600,
  };
}

async function walk(tricks: Partial<Record<Place, Trick>>, token?: string): Promise<Diagnosis> {
  await using server = await startHostileServer(tricks, token);
  return await diagnose(optionsFor(server));
}

const PLACES: readonly Place[] = [
  'challenge',
  'resource',
  'issuer',
  'token',
  'initialize',
  'tools/list',
  'tools/call',
];

/** As fast as the reader takes it, for ever. */
const pour =
  (chunk: string | Buffer, headers: Readonly<Record<string, string>>, status = 200): Trick =>
  (_request, response) => {
    response.on('error', () => undefined);
    response.writeHead(status, headers);
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', more);
    more();
  };

const TRICKS: Readonly<Record<string, Trick>> = {
  'M12: drips a byte at a time': (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const timer = setInterval(() => response.write(' '), 20);
    response.once('close', () => clearInterval(timer));
  },
  'M10: never ends its JSON': pour(`"${'a'.repeat(65_536)}",`, { 'content-type': 'application/json' }),
  'M10: never ends a line of its event stream': pour('a'.repeat(65_536), {
    'content-type': 'text/event-stream',
  }),
  'M10: never ends a refusal': pour('a'.repeat(65_536), { 'content-type': 'application/json' }, 400),
  'M11: sends a compression bomb': (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end(gzipSync(Buffer.alloc(50_000_000, 0x20)));
  },
  'sends what is not the encoding it says': (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    response.end('{"not": "gzip"}');
  },
  'M7: redirects to itself': ({ url = '' }, response) =>
    void response.writeHead(302, { location: url }).end(),
  'redirects into the metadata service of a cloud': (_request, response) =>
    void response.writeHead(307, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
  'answers with a status outside HTTP': (_request, response) => void response.writeHead(999).end('{}'),
  'closes half way through its body': (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"a":', () => response.destroy());
  },
  'sends null': (_request, response) => json(response, null),
  'sends an array a thousand levels deep': (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('['.repeat(100_000) + ']'.repeat(100_000));
  },
  'T1: sends a web page': (_request, response) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<script>alert(1)</script>'),
  'says nothing at all': () => undefined,
};

describe.each(PLACES)('a server that is hostile at %s', (place) => {
  it.each(Object.entries(TRICKS))('and %s, is told of in words, within bounds', async (_name, trick) => {
    const before = process.memoryUsage().arrayBuffers;
    const diagnosis = await walk({ [place]: trick });
    const tree = formatTree(diagnosis);
    expect(diagnosis.steps).toHaveLength(10);
    expect(diagnosis.verdict, tree).toBeDefined();
    expect(diagnosis.verdict?.code, tree).not.toBe('step_failed');
    expect(tree + JSON.stringify(diagnosis)).not.toContain(CLIENT_SECRET);
    // Far less than an endless answer would have filled by then.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150_000_000);
  });
});

describe('a token that is made to be strange', () => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const tokenOf = (header: unknown, claims: unknown): string =>
    `${part(header)}.${part(claims)}.c2lnbmF0dXJl`;
  const whole = { iss: 'https://a.example', aud: 'https://b.example', exp: 4_000_000_000 };
  it.each([
    ['C11: an audience of ten thousand', { alg: 'ES256' }, { ...whole, aud: Array(3000).fill('x') }],
    ['C11: audiences within audiences', { alg: 'ES256' }, { ...whole, aud: [[['x']], { y: 1 }] }],
    ['C16: an end in words', { alg: 'ES256' }, { ...whole, exp: 'tomorrow' }],
    ['C16: an end that is an object', { alg: 'ES256' }, { ...whole, exp: {}, iat: [], nbf: null }],
    ['C19: times beyond all numbers', { alg: 'ES256' }, { ...whole, exp: 1e308, iat: -1e308 }],
    ['J4: an algorithm that is an array', { alg: ['ES256'] }, whole],
    ['J4: no algorithm', {}, whole],
    ['J2: NoNe', { alg: 'NoNe' }, whole],
    ['J21: a key id that is a number', { alg: 'ES256', kid: 4711 }, whole],
    ['J20: __proto__', { alg: 'ES256', kid: '__proto__' }, { ...whole, ['__proto__']: { x: 1 } }],
    ['a type that is an object', { alg: 'ES256', typ: { x: 1 } }, whole],
    ['C29: scopes that are no text', { alg: 'ES256' }, { ...whole, scope: { x: 1 }, scp: 7, roles: [{}] }],
    ['a binding that is null', { alg: 'ES256' }, { ...whole, cnf: null }],
    ['J40: claims that are an array', { alg: 'ES256' }, []],
    ['J40: claims that are null', { alg: 'ES256' }, null],
    ['nesting', { alg: 'ES256' }, { ...whole, sub: { a: { b: { c: {} } } }, iss: [[]] }],
  ])('%s', async (_name, header, claims) => {
    const diagnosis = await walk({}, tokenOf(header, claims));
    expect(diagnosis.steps).toHaveLength(10);
    expect(diagnosis.steps[6]?.name).toBe('token');
    expect(diagnosis.steps[6]?.findings.map(({ code }) => code)).not.toContain('step_failed');
    expect(formatTree(diagnosis, { verbose: true })).not.toMatch(/NaN|Infinity|\[object/);
  });

  it('J47: sixty kilobytes', async () => {
    const diagnosis = await walk({}, tokenOf({ alg: 'ES256' }, { ...whole, pad: 'x'.repeat(44_000) }));
    expect(diagnosis.steps[6]?.name).toBe('token');
    expect(formatTree(diagnosis).length).toBeLessThan(20_000);
  });
});

it('K11: a key set of ten megabytes is left unread, and the walk goes on', async () => {
  const claims = Buffer.from(JSON.stringify({ iss: 'x', exp: 4_000_000_000 })).toString('base64url');
  const header = Buffer.from('{"alg":"ES256"}').toString('base64url');
  const diagnosis = await walk(
    { jwks: (_request, response) => json(response, { keys: [], pad: 'x'.repeat(10_000_000) }) },
    `${header}.${claims}.c2lnbmF0dXJl`,
  );
  const finding = diagnosis.steps[6]?.findings.find(({ code }) => code === 'key_set_unavailable');
  expect(finding?.message).toMatch(/at most 262144 bytes/);
  expect(diagnosis.outcome).toBe('healthy');
});

it.each(['Fri, 99 Foo 2026', 'x'.repeat(10_000), 'Fri, 31 Dec 9999 23:59:59 GMT', '', '-1', '0'])(
  'a Date header of nonsense (%#) is no clock',
  async (date) => {
    const claims = Buffer.from(JSON.stringify({ iss: 'x', exp: 4_000_000_000 })).toString('base64url');
    const header = Buffer.from('{"alg":"ES256"}').toString('base64url');
    const diagnosis = await walk(
      {
        jwks: (_request, response) => {
          response.setHeader('date', date);
          json(response, { keys: [] });
        },
      },
      `${header}.${claims}.c2lnbmF0dXJl`,
    );
    const clock = diagnosis.steps[6]?.findings.find(({ code }) => code === 'clock_skew');
    expect(clock?.message ?? '').not.toMatch(/NaN|\d{11}/);
  },
);

describe('M1: a server that names an authorization server in the private network', () => {
  const naming =
    (issuer: string): Trick =>
    ({ headers }, response) =>
      json(response, { resource: `http://${headers.host}/mcp`, authorization_servers: [issuer] });

  it('is not followed by a fetch that keeps to public addresses', async () => {
    await using server = await startHostileServer({ resource: naming('https://169.254.169.254/latest') });
    const fetch = createNodeFetch({ allowLoopback: true });
    const diagnosis = await diagnose({ url: server.url, fetch });
    expect(diagnosis.verdict, formatTree(diagnosis)).toMatchObject({
      code: 'address_refused',
      fix: expect.stringMatching(/guard against servers that send clients into private networks/) as string,
    });
    fetch.close();
  });

  it('gets no credential in any case, as the credential belongs to another', async () => {
    const asked: string[] = [];
    await using trap = await startHostileServer({
      token: ({ url = '' }, response) => {
        asked.push(url);
        json(response, {});
      },
    });
    await using server = await startHostileServer({ resource: naming(trap.origin) });
    const diagnosis = await diagnose(optionsFor(server));
    expect(diagnosis.verdict?.code).toBe('issuer_not_listed');
    expect(asked).toEqual([]);
  });

  it('is asked for the two documents of its metadata where nothing forbids it, and for nothing else', async () => {
    const asked: string[] = [];
    await using trap = await startHostileServer({
      issuer: ({ url = '', method = '' }, response) => {
        asked.push(`${method} ${url}`);
        response.writeHead(404).end();
      },
    });
    await using server = await startHostileServer({ resource: naming(trap.origin) });
    await diagnose({ url: server.url });
    expect(asked).toEqual([
      'GET /.well-known/oauth-authorization-server',
      'GET /.well-known/openid-configuration',
    ]);
  });
});
