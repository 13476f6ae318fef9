import { rememberingClients, withTokenClient } from '../clients/token-clients.ts';
import type { Measurement, Suite } from '../measurement.ts';
import { median } from '../statistics.ts';

const CALLS = 20_000;
const WARM_UP_ROUNDS = 3;
const ROUNDS = 15;
const OURS = 'mcp-m2m';

/** What it costs to ask for a token that is there. */
export const warmToken: Suite = {
  name: 'Client: a token that is there already',
  description: `${CALLS} calls awaited one after the other, median of ${ROUNDS} rounds. The official client looks at no clock, MSAL Node searches a cache of many accounts, google-auth-library looks at the clock only; openid-client remembers no token and is left out.`,
  run: async () => {
    const measurements: Measurement[] = [];
    for (const create of rememberingClients) {
      measurements.push(...(await withTokenClient(create, ({ name, getToken }) => measure(name, getToken))));
    }
    return measurements;
  },
};

async function measure(name: string, getToken: () => Promise<unknown>): Promise<readonly Measurement[]> {
  const times: number[] = [];
  const costs: number[] = [];
  for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round++) {
    const before = process.cpuUsage();
    const startedAt = performance.now();
    for (let call = 0; call < CALLS; call++) await getToken();
    const time = ((performance.now() - startedAt) / CALLS) * 1000;
    const { user, system } = process.cpuUsage(before);
    if (round < 0) continue;
    times.push(time);
    costs.push((user + system) / CALLS);
  }
  return [
    { name, value: median(times), unit: 'µs', ...(name === OURS ? { target: { atMost: 1 } } : {}) },
    { name: `${name}, processor time`, value: median(costs), unit: 'µs' },
  ];
}
