import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compareIssuance, extentOf, ISSUANCE_METHOD } from '../issuance/compare-issuance.ts';
import { describeFigures, describeRatios } from '../issuance/issuance-measurements.ts';
import { registerClient } from '../issuance/registered-clients.ts';
import { copyOf, storeManyClients } from '../issuance/store-many-clients.ts';
import { makeTokenRequest, type FormRequest } from '../issuance/token-requests.ts';
import { startOurs } from '../issuance/token-server.ts';
import type { Measurement, Suite } from '../measurement.ts';

const FEW = 100;
const MANY = [100_000, 1_000_000] as const;
/** However many are stored, as many of them ask. */
const ASKING = 100;

/** Whether a token takes longer to issue where many clients are stored. */
export const storedClients: Suite = {
  name: 'Tokens issued, many clients stored',
  description: `SQLite, secrets; ${ASKING} of the clients, spread over all of them, ask in turn. A target of 0.9 is at most 10 % slower. ${ISSUANCE_METHOD}`,
  run: async ({ quick }) => {
    const folder = mkdtempDisposableSync(path.join(tmpdir(), 'stored-clients-'));
    try {
      return await measure(folder.path, quick);
    } finally {
      folder.remove();
    }
  },
};

interface Population {
  readonly name: string;
  readonly database: string;
  readonly next: () => FormRequest;
  readonly seconds: number;
}

async function measure(folder: string, quick: boolean): Promise<readonly Measurement[]> {
  const few = await populate(folder, FEW);
  const populations = [few];
  for (const count of MANY) populations.push(await populate(folder, count));
  const figures = await compareIssuance(extentOf(quick), async (stack) => {
    const contestants = [];
    for (const { name, database, next } of populations) {
      contestants.push({ name, next, server: stack.use(await startOurs(database)) });
    }
    return contestants;
  });
  return populations.flatMap(({ name, seconds }) => [
    ...describeFigures(figures, name),
    { name: `${name}: stored in`, value: seconds, unit: 's' },
    ...(name === few.name ? [] : describeRatios(figures, name, few.name, { target: { atLeast: 0.9 } })),
  ]);
}

async function populate(folder: string, count: number): Promise<Population> {
  const database = path.join(folder, `${count}.sqlite`);
  const client = await registerClient(database, 'secret');
  const startedAt = performance.now();
  storeManyClients(database, client.clientId, count);
  const seconds = (performance.now() - startedAt) / 1000;
  const requests = Array.from({ length: ASKING }, (_, index) => {
    const number = 1 + Math.floor((index * count) / ASKING);
    return makeTokenRequest({ ...client, clientId: copyOf(client.clientId, number) });
  });
  let sent = 0;
  const next = () => requests[sent++ % ASKING] as FormRequest;
  return { name: `${count.toLocaleString('en')} clients`, database, next, seconds };
}
