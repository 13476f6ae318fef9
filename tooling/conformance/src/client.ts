// The client under test: the suite starts it with a server's URL and, in the environment, the scenario's name
// and credentials.
import { clientCredentialsCapabilities, parseChallenges } from '@mcp-m2m/core';
import {
  authorizedFetch,
  clientSecretBasic,
  createTokenSource,
  privateKeyJwt,
  type ClientAuthentication,
} from '@mcp-m2m/core/client';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

interface ScenarioContext {
  readonly client_id: string;
  readonly client_secret?: string;
  readonly private_key_pem?: string;
}

const serverUrl = process.argv.at(-1) ?? '';
const context = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? '{}') as ScenarioContext;

const tokens = createTokenSource({
  resource: serverUrl,
  issuer: await issuerOf(serverUrl),
  clientId: context.client_id,
  authentication: authenticationOf(context),
});

const client = new Client(
  { name: 'mcp-m2m-conformance', version: '1.0.0' },
  { capabilities: { ...clientCredentialsCapabilities() } },
);
await client.connect(
  new StreamableHTTPClientTransport(new URL(serverUrl), { fetch: authorizedFetch(tokens) }),
);
await client.listTools();
await client.close();

function authenticationOf({ client_secret, private_key_pem }: ScenarioContext): ClientAuthentication {
  if (private_key_pem !== undefined) return privateKeyJwt({ key: private_key_pem, algorithm: 'ES256' });
  if (client_secret !== undefined) return clientSecretBasic({ clientSecret: client_secret });
  throw new Error('The scenario gave neither a key nor a secret.');
}

/**
 * The scenario does not say which authorization server issued its credentials, so this trusts the server
 * under test to name it. A real client is configured with the issuer and never asks.
 */
async function issuerOf(url: string): Promise<string> {
  const refusal = await fetch(url, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  });
  const challenge = parseChallenges(refusal.headers.get('www-authenticate') ?? '')[0];
  const metadataUrl = challenge?.parameters.resource_metadata;
  if (metadataUrl === undefined) throw new Error('The server names no protected resource metadata.');
  const metadata = (await (await fetch(metadataUrl)).json()) as { authorization_servers?: string[] };
  const issuer = metadata.authorization_servers?.[0];
  if (issuer === undefined) throw new Error('The metadata names no authorization server.');
  return issuer;
}
