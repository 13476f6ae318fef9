import { tokenClients, withTokenClient } from '../clients/token-clients.ts';
import type { Measurement, Suite } from '../measurement.ts';

const AT_ONCE = 50;
const IN_A_ROW = 10;

/** How many token requests there are when many need a token, and nobody has one. */
export const coldCalls: Suite = {
  name: 'Client: cold calls, token requests',
  description: `${AT_ONCE} calls at once of a new object, then ${IN_A_ROW} more one after the other, each library against a token endpoint of its own. google-auth-library exchanges a workload's token: its clients for service accounts cannot be given another endpoint than Google's.`,
  run: async () => {
    const measurements: Measurement[] = [];
    for (const create of tokenClients) {
      measurements.push(
        ...(await withTokenClient(create, async ({ name, getToken }, { authority }) => {
          const { token } = authority.endpoints;
          const tokens = await Promise.all(Array.from({ length: AT_ONCE }, getToken));
          if (tokens.some((one) => one === undefined || one === null))
            throw new Error(`${name}: a call came back without a token`);
          const atOnce = token.requests.length;
          for (let call = 0; call < IN_A_ROW; call++) await getToken();
          const target = (atMost: number) => (create === tokenClients[0] ? { target: { atMost } } : {});
          return [
            { name: `${name}, ${AT_ONCE} at once`, value: atOnce, unit: 'requests', ...target(1) },
            {
              name: `${name}, ${IN_A_ROW} afterwards`,
              value: token.requests.length - atOnce,
              unit: 'requests',
              ...target(0),
            },
          ];
        })),
      );
    }
    return measurements;
  },
};
