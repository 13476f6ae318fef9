import { describe, expect, it } from 'vitest';
import { googleMetadataToken } from '../../../src/node/workload-identity/google-metadata-token.ts';
import { startLoopbackServer, type LoopbackServer } from '../../loopback-server.ts';
import { withstandsHostileAnswers } from './hostile-answers.ts';
import { ISSUER, createRequest, createToken, failureOf } from './scene.ts';

const FLAVOR = { 'metadata-flavor': 'Google', server: 'Metadata Server for VM' };
const PATH = '/computeMetadata/v1/instance/service-accounts/default/identity';

/** The metadata server: no answer without its header, none to a request that was forwarded. */
function startMetadataServer(): Promise<LoopbackServer> {
  return startLoopbackServer(async ({ url, headers }) => {
    const page = { 'content-type': 'text/html; charset=UTF-8', ...FLAVOR };
    if (headers['metadata-flavor'] !== 'Google' || 'x-forwarded-for' in headers) {
      return { status: 403, headers: page, body: '<!DOCTYPE html><title>Error 403 (Forbidden)!!1</title>' };
    }
    const { pathname, searchParams } = new URL(url, 'http://metadata');
    const audience = searchParams.get('audience');
    if (pathname !== PATH) return { status: 404, headers: page, body: '<!DOCTYPE html>404' };
    if (audience === null)
      return { status: 400, headers: page, body: 'non-empty audience parameter required' };
    const instance = { google: { compute_engine: { project_id: 'project', zone: 'europe-west1-b' } } };
    const token = await createToken({
      aud: audience,
      ...(searchParams.get('format') === 'full' ? instance : {}),
    });
    return { headers: page, body: token };
  });
}

const hostOf = (origin: string): string => new URL(origin).host;

function claimsOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}

describe('googleMetadataToken', () => {
  it('asks for a fresh token that tells of project and instance, for the audience, at every use', async () => {
    const { origin, requests } = await startMetadataServer();
    const source = googleMetadataToken({ environment: { GCE_METADATA_HOST: hostOf(origin) } });
    const request = createRequest();
    const [first, second] = [await source.getAssertion(request), await source.getAssertion(request)];
    expect(first).not.toBe(second);
    expect(claimsOf(first)).toMatchObject({
      aud: ISSUER,
      google: { compute_engine: { project_id: 'project' } },
    });
    expect(requests[0]?.url).toBe(`${PATH}?audience=${encodeURIComponent(ISSUER)}&format=full`);
    expect(request.concealed).toEqual([first, second]);
  });

  it('asks for another audience and for less, if told so', async () => {
    const { origin } = await startMetadataServer();
    const environment = { GCE_METADATA_HOST: hostOf(origin) };
    const source = googleMetadataToken({ environment, audience: 'agreed & named', format: 'standard' });
    const claims = claimsOf(await source.getAssertion(createRequest()));
    expect(claims).toMatchObject({ aud: 'agreed & named' });
    expect(claims).not.toHaveProperty('google');
  });

  it('asks the link-local address, by its number, where the environment says nothing', async () => {
    const asked: string[] = [];
    const source = googleMetadataToken({
      environment: {},
      fetch: (url) => {
        asked.push(new URL(url).origin);
        return Promise.reject(Object.assign(new Error('down'), { code: 'EHOSTUNREACH' }));
      },
    });
    const error = await failureOf(source.getAssertion(createRequest()));
    expect(asked).toEqual(['http://169.254.169.254']);
    expect(error.received).toBe('a network failure (EHOSTUNREACH)');
  });

  it.each([
    ['metadata.google.internal', 'http://metadata.google.internal'],
    ['metadata.google.internal:80', 'http://metadata.google.internal'],
    ['169.254.169.254:988', 'http://169.254.169.254:988'],
    ['[::1]:8080', 'http://[::1]:8080'],
    ['10.1.2.3', 'http://10.1.2.3'],
  ])('asks %s if GCE_METADATA_HOST names it', async (host, origin) => {
    const asked: string[] = [];
    const source = googleMetadataToken({
      environment: { GCE_METADATA_HOST: host },
      fetch: async (url) => {
        asked.push(new URL(url).origin);
        return new Response(await createToken(), { headers: FLAVOR });
      },
    });
    await source.getAssertion(createRequest());
    expect(asked).toEqual([origin]);
  });

  it.each([
    'metadata.google.internal.evil.example',
    'evil.example',
    '8.8.8.8',
    '[2001:db8::1]',
    '[::ffff:8.8.8.8]',
    'evil.example#169.254.169.254',
    '169.254.169.254@evil.example',
    '169.254.169.254/../../x',
    'https://169.254.169.254',
    '169.254.169.254?x=',
    'localhost.evil.example',
    'a b',
  ])('M1: asks nobody if GCE_METADATA_HOST is %s', async (host) => {
    const source = googleMetadataToken({
      environment: { GCE_METADATA_HOST: host },
      fetch: () => expect.fail('asked'),
    });
    const error = await failureOf(source.getAssertion(createRequest()));
    expect([error.from, error.passing]).toEqual(['the variable GCE_METADATA_HOST', false]);
  });

  it.each([200, 403, 404])(
    'takes an answer of status %i without its header for that of somebody else',
    async (status) => {
      const token = await createToken();
      const { origin } = await startLoopbackServer(() => ({ status, body: token }));
      const source = googleMetadataToken({ environment: { GCE_METADATA_HOST: hostOf(origin) } });
      const error = await failureOf(source.getAssertion(createRequest()), [token]);
      expect(error.expected).toBe('an answer with Metadata-Flavor: Google');
    },
  );

  it('refuses wrong options when it is made', () => {
    expect(() => googleMetadataToken({ format: 'FULL' as never })).toThrow(
      "format must be 'full' or 'standard'",
    );
    expect(() => googleMetadataToken({ environment: [] as never })).toThrow('environment must be an object');
  });

  describe('against hostile answers', () => {
    withstandsHostileAnswers(
      (origin, options) =>
        googleMetadataToken({ environment: { GCE_METADATA_HOST: hostOf(origin) }, ...options }),
      (body) => ({ headers: FLAVOR, body }),
      [],
    );
  });
});
