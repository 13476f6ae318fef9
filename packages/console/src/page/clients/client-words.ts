import type { AdminSchemas } from '../api/calls.ts';

export type Client = AdminSchemas['Client'];
export type ClientMethod = Client['authentication']['method'];

/** How a client proves who it is, in words. */
export const METHOD_WORDS: Readonly<Record<ClientMethod, string>> = {
  secret: 'Secret',
  private_key_jwt: 'Private key',
  workload: 'Workload trust',
};

const SOON_MS = 14 * 86_400_000;

/** When the first of what a client lives by ends. */
export function firstEnd({ authentication, expiresAt }: Client): string | undefined {
  const ends =
    authentication.method === 'secret' ? authentication.secrets.map((secret) => secret.expiresAt) : [];
  return [expiresAt, ...ends]
    .filter((end) => end !== undefined)
    .toSorted()
    .at(0);
}

/** Whether something ends within two weeks, or has. */
export function endsSoon(end: string | undefined): boolean {
  return end !== undefined && Date.parse(end) - Date.now() < SOON_MS;
}
