import { mkdtempDisposableSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { loadServer } from '../issuance/load-server.ts';
import { registerClient } from '../issuance/registered-clients.ts';
import { makeTokenRequest } from '../issuance/token-requests.ts';
import { startOurs } from '../issuance/token-server.ts';
import type { Measurement, Suite } from '../measurement.ts';

const TOKENS = 1_000_000;
const QUICK_TOKENS = 50_000;
/** Code and heap take their working size first, which for what is outside the heap takes hundreds of thousands. */
const WARM_UP_SHARE = 0.2;
/** Assertions are signed when they are sent: so many at once that none of them expires. */
const TOKENS_AT_ONCE = 25_000;
const MEBIBYTE = 1_048_576;

/** Whether the server's memory grows with the number of tokens it has issued. */
export const issuanceMemory: Suite = {
  name: 'Memory over a million tokens',
  description: `SQLite; every second token by an assertion, the others by a secret. With --quick ${QUICK_TOKENS} tokens, of which resident memory says little. The heap is measured once its garbage was collected.`,
  run: async ({ quick }) => {
    const folder = mkdtempDisposableSync(path.join(tmpdir(), 'issuance-memory-'));
    try {
      return await measure(path.join(folder.path, 'auth.sqlite'), quick);
    } finally {
      folder.remove();
    }
  },
};

async function measure(database: string, quick: boolean): Promise<readonly Measurement[]> {
  const tokens = quick ? QUICK_TOKENS : TOKENS;
  const clients = [
    await registerClient(database, 'secret'),
    await registerClient(database, 'private_key_jwt'),
  ];
  using server = await startOurs(database);
  let sent = 0;
  const next = () => makeTokenRequest(clients[sent++ % 2] ?? (clients[0] as (typeof clients)[0]));
  const issue = async (count: number): Promise<void> => {
    for (let left = count; left > 0; left -= TOKENS_AT_ONCE) {
      await loadServer(server, { next, prepared: false, requests: Math.min(left, TOKENS_AT_ONCE) });
    }
  };
  await issue(tokens * WARM_UP_SHARE);
  const heapBefore = await server.heapBytes();
  const residentBefore = await server.residentBytes();
  await issue(tokens);
  const heap = ((await server.heapBytes()) - heapBefore) / MEBIBYTE;
  const resident = ((await server.residentBytes()) - residentBefore) / MEBIBYTE;
  return [
    { name: 'tokens issued', value: tokens, unit: 'tokens' },
    { name: 'heap before', value: heapBefore / MEBIBYTE, unit: 'MiB' },
    { name: 'heap grows by', value: heap, unit: 'MiB', target: { atMost: 8 } },
    { name: 'resident memory before', value: residentBefore / MEBIBYTE, unit: 'MiB' },
    {
      name: 'resident memory grows by',
      value: resident,
      unit: 'MiB',
      ...(quick ? {} : { target: { atMost: 32 } }),
    },
  ];
}
