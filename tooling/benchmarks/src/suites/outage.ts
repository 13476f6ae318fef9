import { createResourceServer, type ResourceServer } from '@mcp-m2m/core/server';
import { createTestAuthority } from '@mcp-m2m/testing';
import type { Measurement, Suite } from '../measurement.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';
const STEP_SECONDS = 1;

/** What outages and rotations of the provider cost, on a clock that is moved rather than waited for. */
export const outage: Suite = {
  name: 'Provider outage, hard rotation, unknown keys',
  description: 'Simulated time, real requests to a real key set endpoint, counted there.',
  run: async () => [...(await outageOfAnHour()), ...(await hardRotation()), ...(await stormOfUnknownKeys())],
};

async function outageOfAnHour(): Promise<readonly Measurement[]> {
  await using authority = await createTestAuthority({ audience: AUDIENCE });
  const server = createResourceServer({
    resource: AUDIENCE,
    authorizationServers: [authority.issuer],
    now: authority.now,
  });
  const mint = (): string => authority.mint({}, { expiresInSeconds: 60 });
  await accepts(server, mint());
  authority.goDown();
  authority.clearRequests();
  let refused = 0;
  for (let second = 0; second < 3600; second += STEP_SECONDS) {
    authority.advanceSeconds(STEP_SECONDS);
    // A token that is new each time, so that the cache of verified tokens does not hide the keys.
    if (!(await accepts(server, mint()))) refused++;
  }
  const attempts = authority.requests.length;
  authority.comeBack();
  return [
    {
      name: 'one hour without the provider: refused of 3600',
      value: refused,
      unit: 'requests',
      target: { atMost: 0 },
    },
    {
      name: 'one hour without the provider: outbound',
      value: attempts,
      unit: 'requests',
      target: { atMost: 1500 },
    },
  ];
}

async function hardRotation(): Promise<readonly Measurement[]> {
  await using authority = await createTestAuthority({ audience: AUDIENCE });
  const server = createResourceServer({
    resource: AUDIENCE,
    authorizationServers: [authority.issuer],
    now: authority.now,
  });
  await accepts(server, authority.mint());
  authority.advanceSeconds(3);
  await authority.rotateHard();
  authority.clearRequests();
  const startedAt = authority.now();
  while (!(await accepts(server, authority.mint()))) authority.advanceSeconds(0.1);
  return [
    {
      name: 'hard rotation: new key accepted after',
      value: (authority.now() - startedAt) / 1000,
      unit: 's',
      target: { atMost: 5 },
    },
    { name: 'hard rotation: outbound', value: authority.requests.length, unit: 'requests' },
  ];
}

async function stormOfUnknownKeys(): Promise<readonly Measurement[]> {
  await using authority = await createTestAuthority({ audience: AUDIENCE });
  const server = createResourceServer({
    resource: AUDIENCE,
    authorizationServers: [authority.issuer],
    now: authority.now,
  });
  await accepts(server, authority.mint());
  authority.advanceSeconds(10);
  authority.clearRequests();
  const storm = Array.from({ length: 10_000 }, (_, index) =>
    authority.mint({}, { header: { kid: `random-${index}` } }),
  );
  const verdicts = await Promise.all(storm.map((token) => accepts(server, token)));
  const good = await accepts(server, authority.mint());
  return [
    {
      name: '10,000 unknown key ids: outbound',
      value: authority.requests.length,
      unit: 'requests',
      target: { atMost: 1 },
    },
    {
      name: '10,000 unknown key ids: accepted',
      value: verdicts.filter(Boolean).length,
      unit: 'requests',
      target: { atMost: 0 },
    },
    {
      name: 'a good token after the storm: accepted',
      value: good ? 1 : 0,
      unit: 'requests',
      target: { atLeast: 1 },
    },
  ];
}

async function accepts(server: ResourceServer, token: string): Promise<boolean> {
  const headers = { authorization: [`Bearer ${token}`] };
  return (await server.authenticate({ method: 'POST', url: '/mcp', headers })).ok;
}
