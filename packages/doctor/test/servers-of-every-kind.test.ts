import { HEALTHY_SERVERS, startScene } from 'broken-connections';
import { expect, it } from 'vitest';

import { diagnose, formatTree, type Diagnosis } from '../src/index.ts';
import { optionsOf } from './options-of.ts';

const { withoutSessions, withSessions, withoutTools } = HEALTHY_SERVERS;

function handshakeOf({ steps }: Diagnosis): string | undefined {
  return steps.find(({ name }) => name === 'handshake')?.received;
}

it('a server of the first SDK without sessions works, and is said to speak 2025-11-25 alone', async () => {
  await using connection = await startScene({ mcpServer: withoutSessions });
  const diagnosis = await diagnose(optionsOf(connection.settings));
  expect(diagnosis.outcome, formatTree(diagnosis)).toBe('healthy');
  expect(diagnosis.verdict).toBeUndefined();
  expect(handshakeOf(diagnosis)).toMatch(/^2026-07-28: status 4\d\d; 2025-11-25: deploy-desk 1\.0\.0$/);
  expect(diagnosis.steps.flatMap(({ findings }) => findings)).toMatchObject([
    { code: 'one_revision_only', severity: 'note', message: 'The server speaks 2025-11-25 alone.' },
  ]);
  expect(diagnosis.tools).toHaveLength(3);
});

it('a server of the first SDK with sessions works, and is left without one', async () => {
  const open: number[] = [];
  await using connection = await startScene({ mcpServer: () => withSessions((count) => open.push(count)) });
  const diagnosis = await diagnose({
    ...optionsOf(connection.settings),
    tool: { name: 'list_deployments' },
  });
  expect(diagnosis.outcome, formatTree(diagnosis)).toBe('healthy');
  expect(Math.max(...open)).toBe(1);
  expect(open.at(-1)).toBe(0);
});

it('a server with sessions and without protection is greeted before anything else, and left without a session', async () => {
  const open: number[] = [];
  await using connection = await startScene({
    before: () => withSessions((count) => open.push(count)),
  });
  const diagnosis = await diagnose({ url: connection.settings.url });
  expect(diagnosis.outcome, formatTree(diagnosis)).toBe('healthy');
  expect(diagnosis.verdict?.code).toBe('not_protected');
  expect(open).toEqual([1, 0, 1, 0]);
});

it('a server without tools is healthy', async () => {
  await using connection = await startScene({ mcpServer: withoutTools });
  const diagnosis = await diagnose(optionsOf(connection.settings));
  expect(diagnosis.outcome, formatTree(diagnosis)).toBe('healthy');
  expect(diagnosis.tools).toEqual([]);
  expect(diagnosis.steps.flatMap(({ findings }) => findings)).toMatchObject([{ code: 'tools_none' }]);
});

it('a server that hangs in the newer revision is reached by the older one', async () => {
  const handler = withoutSessions();
  await using connection = await startScene({
    mcpServer: () => (request, response, next) => {
      const { method } = (request.body ?? {}) as { method?: string };
      if (method !== 'server/discover') handler(request, response, next);
    },
  });
  const diagnosis = await diagnose({ ...optionsOf(connection.settings), timeoutMilliseconds: 3000 });
  expect(diagnosis.outcome, formatTree(diagnosis)).toBe('healthy');
  expect(diagnosis.verdict).toMatchObject({ code: 'timed_out', severity: 'warning' });
  expect(handshakeOf(diagnosis)).toMatch(/^2026-07-28: nothing within 1500 ms; 2025-11-25: deploy-desk/);
});

it('tokens bound to a key go with proofs', async () => {
  await using connection = await startScene({
    protection: () => ({ dpop: { required: true } }),
    client: () => ({ dpop: true }),
  });
  const options = optionsOf(connection.settings);
  const diagnosis = await diagnose(options);
  expect(diagnosis.outcome, formatTree(diagnosis)).toBe('healthy');
});
