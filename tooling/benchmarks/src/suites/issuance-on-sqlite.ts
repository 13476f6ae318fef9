import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compareIssuance, extentOf, ISSUANCE_METHOD } from '../issuance/compare-issuance.ts';
import { describeFigures, describeRatios } from '../issuance/issuance-measurements.ts';
import { registerClient, type Method } from '../issuance/registered-clients.ts';
import { makeTokenRequest } from '../issuance/token-requests.ts';
import { startBare, startOurs } from '../issuance/token-server.ts';
import type { Measurement, Suite } from '../measurement.ts';

const METHODS: readonly Method[] = ['secret', 'private_key_jwt'];

/** What the profile, the store and the records cost beside the engine alone. */
export const issuanceOnSqlite: Suite = {
  name: 'Tokens issued, SQLite',
  description: `ES256 tokens by client credentials beside oidc-provider alone with its memory adapter. ${ISSUANCE_METHOD}`,
  run: async ({ quick }) => {
    const measurements: Measurement[] = [];
    for (const method of METHODS) measurements.push(...(await measure(method, quick)));
    return measurements;
  },
};

async function measure(method: Method, quick: boolean): Promise<readonly Measurement[]> {
  const bare = `oidc-provider, ${method}`;
  const ours = `mcp-m2m, ${method}`;
  const figures = await compareIssuance(extentOf(quick), async (stack) => {
    // After the server has gone, whose files they are.
    const { path: folder } = stack.adopt(mkdtempDisposableSync(path.join(tmpdir(), 'issuance-')), (made) =>
      made.remove(),
    );
    const database = path.join(folder, 'auth.sqlite');
    const client = await registerClient(database, method);
    const next = () => makeTokenRequest(client);
    return [
      { name: bare, server: stack.use(await startBare([client])), next },
      { name: ours, server: stack.use(await startOurs(database)), next },
    ];
  });
  return [
    ...describeFigures(figures, bare),
    ...describeFigures(figures, ours),
    ...describeRatios(figures, ours, bare, { target: { atLeast: 0.75 } }),
  ];
}
