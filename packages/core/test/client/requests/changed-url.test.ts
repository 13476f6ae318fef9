import { expect, it } from 'vitest';
import { authorizedFetch, createTokenSource } from '../../../src/client/index.ts';
import { startLoopbackServer } from '../../loopback-server.ts';
import { createScene } from '../scene.ts';

it('sends the token where the URL led when the call was made, whatever becomes of it afterwards', async () => {
  const scene = await createScene();
  const other = await startLoopbackServer(() => ({ json: {} }));
  const url = new URL(scene.resource);
  const call = authorizedFetch(createTokenSource(scene.options))(url);
  url.port = new URL(other.origin).port;
  expect((await call).status).toBe(200);
  expect(other.requests).toEqual([]);
});
