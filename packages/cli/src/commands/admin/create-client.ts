import type { Command } from 'commander';

import { administering, type Administration } from '../../admin/administer.ts';
import { idempotencyKey } from '../../admin/admin-api.ts';
import { addAdminOptions, type AdminFlags } from '../../admin/admin-options.ts';
import type { components } from '../../admin/api-types.ts';
import { describeClient } from '../../admin/client-view.ts';
import {
  addClientSettings,
  parseAccess,
  parseSettings,
  type ClientSettingsFlags,
} from '../../admin/client-settings.ts';
import { expectAnswer } from '../../admin/expect-answer.ts';
import { parseTimeAhead } from '../../admin/parse-time.ts';
import { readPublicKey } from '../../admin/public-key.ts';
import { addSecretOptions, openSecretDestination, type SecretFlags } from '../../admin/secret-destination.ts';
import { usageError } from '../../command-error.ts';
import type { RunCommand } from '../run-command.ts';

type NewClient = components['schemas']['CreateClient'];

interface CreateFlags extends AdminFlags, ClientSettingsFlags, SecretFlags {
  readonly publicKey?: string;
  readonly workload?: boolean;
  readonly secretExpires?: string;
}

/** `clients create`: registers a client, and hands over its secret this once. */
export function addCreateClientCommand(clients: Command, run: RunCommand): void {
  const command = addAdminOptions(clients.command('create [client]'))
    .summary('register a client')
    .description(
      'Registers a client. Its secret is printed this once, alone on standard output; a client with a public key, or a workload with a token of its platform, has none.',
    )
    .option('--public-key <path>', 'it signs assertions: the file with its public key, PEM or JWK')
    .option('--workload', 'it presents a token of its platform (see "mcp-m2m trust")')
    .option('--secret-expires <time>', 'when the secret ends: a date, a time, or a span such as 90d');
  addSecretOptions(addClientSettings(command))
    .addHelpText(
      'after',
      `
Examples:
  mcp-m2m clients create nightly-report --access "https://mcp.example.com/mcp deploy:read" --credential-out nightly.json
  mcp-m2m clients create deployer --access "https://mcp.example.com/mcp deploy:read deploy:write" --public-key key.pub.pem
  mcp-m2m clients create ci --workload --grant urn:ietf:params:oauth:grant-type:jwt-bearer --access "https://mcp.example.com/mcp deploy:read"`,
    )
    .action(run(administering(createClient)));
}

async function createClient(
  administration: Administration,
  [clientId]: readonly string[],
  flags: CreateFlags,
): Promise<undefined> {
  const { api, issuer, write, tell } = administration;
  const { access = [], json = false } = flags;
  if (access.length === 0) {
    throw usageError('Say what it may use: --access "https://mcp.example.com/mcp deploy:read".');
  }
  const given = parseAccess(access);
  const authentication = await authenticationOf(flags);
  const destination =
    authentication.method === 'secret' ? await openSecretDestination(flags, administration) : undefined;
  const created = await expectAnswer(
    api.POST('/admin/v1/clients', {
      params: { header: idempotencyKey() },
      body: {
        ...(clientId === undefined ? {} : { clientId }),
        authentication,
        access: [...given] as NewClient['access'],
        ...parseSettings(flags),
      },
    }),
  ).catch(async (error: unknown) => {
    await destination?.abandon();
    throw error;
  });
  const { secret, ...client } = created;
  tell(`Client ${client.clientId} is registered.`);
  if (destination === undefined || secret === undefined) {
    await destination?.abandon();
    write(client, () => describeClient(client));
    return;
  }
  const [first, second] = given;
  const resource = first !== undefined && second === undefined ? { resource: first.resource } : {};
  await destination.reveal({
    credential: { issuer, clientId: client.clientId, clientSecret: secret, ...resource },
    document: client,
    json,
  });
}

async function authenticationOf({
  publicKey,
  workload = false,
  jwksUri,
  secretExpires,
  secretOut,
  credentialOut,
}: CreateFlags): Promise<NewClient['authentication']> {
  const ways = [publicKey !== undefined || jwksUri !== undefined, workload, secretExpires !== undefined];
  if (ways.filter(Boolean).length > 1) {
    throw usageError(
      'A client has one way to authenticate: a secret, --public-key or --jwks-uri, or --workload.',
    );
  }
  if (!ways[0] && !workload) {
    const expiresAt =
      secretExpires === undefined ? undefined : parseTimeAhead(secretExpires, '--secret-expires');
    return { method: 'secret', ...(expiresAt === undefined ? {} : { expiresAt }) };
  }
  if (secretOut !== undefined || credentialOut !== undefined) {
    throw usageError('This client has no secret: leave out --secret-out and --credential-out.');
  }
  if (workload) return { method: 'workload' };
  return {
    method: 'private_key_jwt',
    ...(publicKey === undefined ? {} : { publicKey: await readPublicKey(publicKey) }),
  };
}
