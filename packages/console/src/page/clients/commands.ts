/** What commands are made for. */
export interface CommandSubject {
  readonly issuer: string;
  readonly tokenEndpoint: string;
  readonly clientId: string;
  readonly resource: string;
  readonly scopes: readonly string[];
}

/** A way to a token that can be copied and run. */
export interface ReadyCommand {
  readonly name: string;
  readonly text: string;
}

function lines(...all: readonly string[]): string {
  return all.join('\n');
}

/** A word for a POSIX shell. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The line that hands a secret to the commands below. */
export function exportSecret(secret: string): string {
  return `export MCP_M2M_CLIENT_SECRET=${quoteForShell(secret)}`;
}

/** Ways to a token for a client with a secret; each reads the secret from `MCP_M2M_CLIENT_SECRET`. */
export function secretCommands(subject: CommandSubject): readonly ReadyCommand[] {
  const { issuer, tokenEndpoint, clientId, resource, scopes } = subject;
  const q = quoteForShell;
  const json = (text: string): string => JSON.stringify(text);
  const scope = scopes.join(' ');
  const scopeLine = scope === '' ? '' : ` \\\n  --data-urlencode ${q(`scope=${scope}`)}`;
  const common = `  --data-urlencode 'grant_type=client_credentials' \\\n  --data-urlencode ${q(`resource=${resource}`)}${scopeLine}`;
  return [
    {
      name: 'curl, Basic',
      text: `curl --user ${q(clientId)}:"$MCP_M2M_CLIENT_SECRET" ${q(tokenEndpoint)} \\\n${common}`,
    },
    {
      name: 'curl, POST',
      text: `curl ${q(tokenEndpoint)} \\\n  --data-urlencode ${q(`client_id=${clientId}`)} \\\n  --data-urlencode "client_secret=$MCP_M2M_CLIENT_SECRET" \\\n${common}`,
    },
    {
      name: 'TypeScript',
      text: lines(
        `import { authorizedFetch, clientSecretBasic, createTokenSource } from '@mcp-m2m/core/client';`,
        `import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';`,
        ``,
        `const tokens = createTokenSource({`,
        `  resource: ${json(resource)},`,
        `  issuer: ${json(issuer)},`,
        `  clientId: ${json(clientId)},`,
        `  authentication: clientSecretBasic({ clientSecret: process.env.MCP_M2M_CLIENT_SECRET ?? '' }),`,
        `});`,
        `const client = new Client({ name: ${json(clientId)}, version: '1.0.0' });`,
        `await client.connect(`,
        `  new StreamableHTTPClientTransport(new URL(${json(resource)}), { fetch: authorizedFetch(tokens) }),`,
        `);`,
        `console.log(await client.listTools());`,
      ),
    },
    {
      name: 'Python',
      text: `import json, os
from urllib.parse import urlencode
from urllib.request import urlopen

form = {
    "grant_type": "client_credentials",
    "client_id": ${json(clientId)},
    "client_secret": os.environ["MCP_M2M_CLIENT_SECRET"],
    "resource": ${json(resource)},${scope === '' ? '' : `\n    "scope": ${json(scope)},`}
}
with urlopen(${json(tokenEndpoint)}, urlencode(form).encode(), timeout=10) as response:
    access_token = json.load(response)["access_token"]`,
    },
    {
      name: 'CLI',
      text: `npx mcp-m2m tools ${q(resource)} \\\n  --issuer ${q(issuer)} --client-id ${q(clientId)}`,
    },
  ];
}

/** Ways to a token for a client that signs with a key. */
export function keyCommands({ issuer, clientId, resource }: CommandSubject): readonly ReadyCommand[] {
  const json = (text: string): string => JSON.stringify(text);
  return [
    {
      name: 'TypeScript',
      text: lines(
        `import { readFileSync } from 'node:fs';`,
        `import { authorizedFetch, createTokenSource, privateKeyJwt } from '@mcp-m2m/core/client';`,
        ``,
        `const tokens = createTokenSource({`,
        `  resource: ${json(resource)},`,
        `  issuer: ${json(issuer)},`,
        `  clientId: ${json(clientId)},`,
        `  authentication: privateKeyJwt({ key: readFileSync('private-key.pem', 'utf8'), algorithm: 'ES256' }),`,
        `});`,
        `export const fetchWithToken = authorizedFetch(tokens);`,
      ),
    },
    {
      name: 'CLI',
      text: `npx mcp-m2m tools ${quoteForShell(resource)} \\\n  --issuer ${quoteForShell(issuer)} --client-id ${quoteForShell(clientId)} --key-file private-key.pem`,
    },
  ];
}

/** A way to a token for a workload, whose platform vouches for it. */
export function workloadCommands({ issuer, clientId, resource }: CommandSubject): readonly ReadyCommand[] {
  const json = (text: string): string => JSON.stringify(text);
  return [
    {
      name: 'TypeScript',
      text: lines(
        `import { createTokenSource, jwtBearer, noClientAuthentication } from '@mcp-m2m/core/client';`,
        `import { detectWorkloadIdentity } from '@mcp-m2m/core/node';`,
        ``,
        `const tokens = createTokenSource({`,
        `  resource: ${json(resource)},`,
        `  issuer: ${json(issuer)},`,
        `  clientId: ${json(clientId)},`,
        `  authentication: noClientAuthentication(),`,
        `  grant: jwtBearer({ assertion: detectWorkloadIdentity() }),`,
        `});`,
      ),
    },
  ];
}
