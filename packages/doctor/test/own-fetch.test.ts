import { createNodeFetch } from '@mcp-m2m/core/node';
import { brokenConnections, startScene } from 'broken-connections';
import { describe, expect, it } from 'vitest';

import { diagnose } from '../src/index.ts';
import { optionsOf } from './options-of.ts';

describe('with a fetch of the caller’s own', () => {
  it.each([
    'name-unresolved',
    'nothing-listens',
    'certificate-of-an-own-authority',
    'https-to-an-http-port',
    'connection-cut',
  ])('%s gets the verdict that it gets without', async (id) => {
    const found = brokenConnections.find((connection) => connection.id === id);
    if (found === undefined) throw new Error(`there is no ${id}`);
    await using connection = await found.start();
    const fetch = createNodeFetch({ allowLoopback: true });
    const { verdict } = await diagnose({ ...optionsOf(connection.settings), fetch });
    fetch.close();
    expect(verdict?.code).toBe(found.verdict);
    expect(`${verdict?.message} ${verdict?.fix}`).toMatch(found.says);
  });

  it('an address that it refuses is told, and who can open it', async () => {
    await using connection = await startScene();
    const fetch = createNodeFetch();
    const { verdict, outcome } = await diagnose({ ...optionsOf(connection.settings), fetch });
    fetch.close();
    expect(outcome).toBe('broken');
    expect(verdict?.code).toBe('address_refused');
    expect(verdict?.fix).toMatch(/allowedNetworks, allowLoopback/);
  });
});
