import { generateKeyPairSync, randomBytes } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { claimsFor, requestWithAssertion } from '../assertion.ts';
import { MCP } from '../running-server.ts';
import { startServerForFile } from '../server-for-file.ts';

const running = await startServerForFile();
for (const modulusLength of [2048, 4096]) {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength });
  await running.server.clients.create({
    clientId: `rsa-${modulusLength}`,
    authentication: {
      method: 'private_key_jwt',
      publicKey: publicKey.export({ format: 'pem', type: 'spki' }) as string,
    },
    access: [{ resource: MCP, scopes: [] }],
  });
}

describe('an assertion that nobody signed', () => {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

  // As long as keys of 2048, 3072, 4096 and 8192 bits make them, and as none does.
  it.each([256, 384, 512, 1024, 0, 1, 255, 257, 1025, 5000])(
    'A6, A24: with a signature of %i bytes is answered alike, whatever key there is, or none',
    async (bytes) => {
      const answers = [];
      for (const alg of ['RS256', 'PS512']) {
        for (const clientId of ['rsa-2048', 'rsa-4096', 'unknown']) {
          const claims = claimsFor({ clientId }, running);
          const assertion = `${encode({ alg })}.${encode(claims)}.${randomBytes(bytes).toString('base64url')}`;
          const { status, text } = await requestWithAssertion(running, assertion);
          answers.push(JSON.stringify([status, text]));
        }
      }
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).toMatch(/^\[40[01],/);
      expect(running.events.some(({ type }) => type === 'server_failed')).toBe(false);
    },
  );
});
