import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { expect, it } from 'vitest';
import { call, METADATA_PATH, METADATA_URL, RESOURCE } from './calling.ts';
import { closeApp } from './running-app.ts';

it('the example of the README refuses a request without a token and says where to get one', async () => {
  Logger.overrideLogger(false);
  process.env.PORT = '0';
  const { app } = await import('../examples/server.ts');
  const { port } = (app.getHttpServer() as { address: () => AddressInfo }).address();
  const origin = `http://127.0.0.1:${port}`;
  try {
    const refused = await call(`${origin}/mcp`);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      401,
      `Bearer scope="deploy:read", resource_metadata="${METADATA_URL}"`,
    ]);
    expect((await call(`${origin}${METADATA_PATH}`, undefined, null)).json).toMatchObject({
      resource: RESOURCE,
      authorization_servers: ['https://auth.example.com'],
      scopes_supported: ['deploy:read', 'deploy:write'],
    });
  } finally {
    await closeApp(app);
  }
});

it('the example with several resources has a challenge and a document for each', async () => {
  const { AppModule } = await import('../examples/several-resources.ts');
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as { address: () => AddressInfo }).address();
  try {
    for (const name of ['mcp', 'calendar']) {
      const path = `/.well-known/oauth-protected-resource/${name}`;
      const refused = await call(`http://127.0.0.1:${port}/${name}`);
      expect(refused.headers.get('www-authenticate')).toBe(
        `Bearer resource_metadata="https://mcp.example.com${path}"`,
      );
      const document = await call(`http://127.0.0.1:${port}${path}`, undefined, null);
      expect(document.json).toMatchObject({ resource: `https://mcp.example.com/${name}` });
    }
  } finally {
    await closeApp(app);
  }
});
