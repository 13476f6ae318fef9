import path from 'node:path';

/** What is known once the server listens. */
export interface Started {
  readonly issuer: string;
  readonly url: string;
  readonly consoleUrl: string | undefined;
  readonly folder: string;
  /** The database in words, without its password. */
  readonly database: string;
  /** The first administrator's credential, when it was written just now or is still there. */
  readonly administrator: string | undefined;
  /** What was named for trying. */
  readonly resources: readonly { readonly resource: string; readonly scopes: readonly string[] }[];
  /** How the program is called, `mcp-m2m` or by way of npx. */
  readonly program: string;
}

const CLIENT = 'my-first-client';

/** Says in words where everything is and what to do next, in commands that are ready to be pasted. */
export function describeNextSteps(started: Started): string {
  const { issuer, url, consoleUrl, folder, database, administrator } = started;
  const lines = [
    `The authorization server ${issuer} listens at ${url}. Ctrl-C stops it.`,
    `Data: ${folder} (${database}). Its secret-key belongs into a backup of its own, apart from the database.`,
  ];
  if (consoleUrl !== undefined) lines.push(`Console: ${consoleUrl}`);
  if (administrator === undefined) return lines.join('\n');
  return [
    ...lines,
    '',
    `The first administrator's credential is in ${administrator}, which you alone can read.`,
    'Next, in another terminal:',
    '',
    ...commandsOf(started, administrator).map((command) => `  ${command}`),
  ].join('\n');
}

function commandsOf({ resources, program }: Started, administrator: string): readonly string[] {
  const [first] = resources;
  const { resource, scopes } = first ?? { resource: 'http://localhost:3000/mcp', scopes: ['tools:use'] };
  const register =
    first === undefined
      ? [`${program} resources create ${resource} --scope ${scopes.join(' --scope ')}`]
      : [];
  return [
    `export MCP_M2M_ADMIN_CREDENTIAL_FILE=${quoted(path.resolve(administrator))}`,
    ...register,
    `${program} clients create ${CLIENT} --access "${resource} ${scopes.join(' ')}" --credential-out ${CLIENT}.json`,
    `${program} doctor --credential-file ${CLIENT}.json    # says how far it gets; "${program} init" writes an MCP server`,
  ];
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
