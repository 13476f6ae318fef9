import { expect, it } from 'vitest';
import { clientCredentialsCapabilities } from '../src/client-credentials-extension.ts';

it('the capabilities announce the client-credentials extension without settings', () => {
  expect(clientCredentialsCapabilities()).toEqual({
    extensions: { 'io.modelcontextprotocol/oauth-client-credentials': {} },
  });
});
