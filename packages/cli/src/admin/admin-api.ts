import { randomUUID } from 'node:crypto';

import { authorizedFetch } from '@mcp-m2m/core/client';
import createClient, { type Client } from 'openapi-fetch';

import { usageError } from '../command-error.ts';
import { tokenSourceOf } from '../connection/open-session.ts';
import { resolveConnection, resolveIssuer } from '../connection/resolve-connection.ts';
import type { Terminal } from '../terminal.ts';
import type { AdminFlags } from './admin-options.ts';
import type { paths } from './api-types.ts';
import { createPatientFetch } from './patient-fetch.ts';

/** The administrative API of an authorization server, typed from its own description. */
export type AdminApi = Client<paths>;

/** The API, and whose it is. */
export interface OpenedAdminApi {
  readonly api: AdminApi;
  readonly issuer: string;
}

const CREDENTIAL_VARIABLE = 'MCP_M2M_ADMIN_CREDENTIAL_FILE';

/**
 * Opens the administrative API with the credential of an administrator: a token for `<issuer>/admin` goes with every
 * request. Nothing is sent before the first one.
 *
 * @throws CommandError naming what is missing
 */
export async function openAdminApi(given: AdminFlags, terminal: Terminal): Promise<OpenedAdminApi> {
  const flags = administratorOf(given);
  const issuer = await resolveIssuer(flags, terminal, CREDENTIAL_VARIABLE);
  if (issuer === undefined) {
    throw usageError(
      `Name the authorization server and an administrator of it: --credential-file (or ${CREDENTIAL_VARIABLE}) with the file that was written at its first start, --profile, or --issuer with --client-id and a secret.`,
    );
  }
  const base = issuer.replace(/\/$/, '');
  const connection = await resolveConnection(`${base}/admin`, flags, terminal, CREDENTIAL_VARIABLE);
  const { timeoutMilliseconds } = connection;
  // What a profile says of these is of the MCP server it is for.
  const own = { scopes: undefined, provider: undefined };
  const send = authorizedFetch(tokenSourceOf({ ...connection, ...own, issuer }));
  const api = createClient<paths>({
    baseUrl: base,
    fetch: createPatientFetch(send, timeoutMilliseconds, terminal.signal),
  });
  return { api, issuer };
}

/** The options of the administrator alone: a command's own can have the name of one of a connection. */
function administratorOf(flags: AdminFlags): AdminFlags {
  const names: readonly (keyof AdminFlags)[] = [
    'algorithm',
    'clientId',
    'credentialFile',
    'dpop',
    'issuer',
    'keyFile',
    'keyId',
    'profile',
    'secretCommand',
    'secretEnv',
    'secretFile',
    'secretPrompt',
    'timeout',
  ];
  const entries = names.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]);
  return Object.fromEntries(entries) as AdminFlags;
}

/** A new value for each act, so that a repetition of its request does nothing twice. */
export function idempotencyKey(): { readonly 'idempotency-key': string } {
  return { 'idempotency-key': randomUUID() };
}

/** The header that refuses a change when there was another since this revision was read. */
export function ifMatch(revision: string | undefined): { readonly 'if-match'?: string } {
  return revision === undefined ? {} : { 'if-match': `"${revision}"` };
}
