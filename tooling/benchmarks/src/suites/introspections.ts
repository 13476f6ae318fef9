import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compareIssuance, extentOf, ISSUANCE_METHOD } from '../issuance/compare-issuance.ts';
import { describeFigures } from '../issuance/issuance-measurements.ts';
import { registerClient } from '../issuance/registered-clients.ts';
import { basicAuthorization, makeTokenRequest } from '../issuance/token-requests.ts';
import { startOurs } from '../issuance/token-server.ts';
import type { Suite } from '../measurement.ts';
import type { ServerProcess } from '../server-process.ts';

const NAME = 'introspection';

/** What a question about a token costs; the engine alone answers none about a JWT. */
export const introspections: Suite = {
  name: 'Introspections, SQLite',
  description: `A resource server asks, with its secret, about one active token of its own. ${ISSUANCE_METHOD}`,
  run: async ({ quick }) => {
    const figures = await compareIssuance(extentOf(quick), async (stack) => {
      const { path: folder } = stack.adopt(
        mkdtempDisposableSync(path.join(tmpdir(), 'introspections-')),
        (made) => made.remove(),
      );
      const database = path.join(folder, 'auth.sqlite');
      const client = await registerClient(database, 'secret', ['client_credentials', 'introspection']);
      const server = stack.use(await startOurs(database));
      // Of the same client: what is asked about and who asks are two clients in life, and cost the same here.
      const token = await requestToken(server, makeTokenRequest(client));
      const request = {
        authorization: basicAuthorization(client),
        body: new URLSearchParams({ token }).toString(),
      };
      return [{ name: NAME, server, path: '/introspect', next: () => request }];
    });
    return describeFigures(figures, NAME, 'answers');
  },
};

async function requestToken(
  { url }: ServerProcess,
  { authorization = '', body }: ReturnType<typeof makeTokenRequest>,
): Promise<string> {
  const headers = { authorization, 'content-type': 'application/x-www-form-urlencoded' };
  const response = await fetch(new URL('/token', url), { method: 'POST', headers, body });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`no token: ${response.status}`);
  return token;
}
