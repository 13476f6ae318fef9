import { clientCredentialsCapabilities } from '@mcp-m2m/core';
import {
  authorizedFetch,
  clientSecretBasic,
  createTokenSource,
  TokenAcquisitionError,
} from '@mcp-m2m/core/client';
import {
  Client,
  InsufficientScopeError,
  SdkHttpError,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';

/** What an HTTP client without any library is told. */
export interface Answer {
  readonly status: number;
  readonly challenge: string;
  readonly words: string;
}

/** Calls list_deployments as a client without any library would. */
export async function list(resource: string, token?: string): Promise<Answer> {
  const response = await fetch(resource, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'list_deployments' },
    }),
  });
  const text = await response.text();
  const challenge = response.headers.get('www-authenticate') ?? '';
  if (response.ok)
    return { status: response.status, challenge, words: `${response.status}: the tool answered` };
  const { error, error_description: description } = JSON.parse(text) as Record<string, string>;
  return {
    status: response.status,
    challenge,
    words: `${response.status}${error === undefined ? '' : ` ${error}`}: ${description ?? text}`,
  };
}

/** Asks for a token as a plain HTTP client would, for whatever resource it likes. */
export async function requestToken(
  issuer: string,
  clientId: string,
  clientSecret: string,
  resource: string,
): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource }),
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined)
    throw new Error(`The authorization server answered ${response.status} and no token.`);
  return token;
}

/** Calls a tool through the official client and returns what its user would read. */
export async function callTool(
  { issuer, resource }: { readonly issuer: string; readonly resource: string },
  clientSecret: string,
  name: string,
  parameters: Record<string, unknown>,
): Promise<string> {
  const tokens = createTokenSource({
    resource,
    issuer,
    clientId: 'reader',
    authentication: clientSecretBasic({ clientSecret }),
  });
  const client = new Client(
    { name: 'demo', version: '1.0.0' },
    { capabilities: { ...clientCredentialsCapabilities() }, versionNegotiation: { mode: 'auto' } },
  );
  try {
    await client.connect(
      new StreamableHTTPClientTransport(new URL(resource), { fetch: authorizedFetch(tokens) }),
    );
    const { content } = await client.callTool({ name, arguments: parameters });
    return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
  } catch (error) {
    return wordsOf(error);
  } finally {
    await client.close();
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return 'something else was thrown';
  // What failed is the token; that the SDK was about to negotiate when it did is beside the point.
  if (error.cause instanceof TokenAcquisitionError) return error.cause.message;
  if (error instanceof InsufficientScopeError)
    return `403 insufficient_scope: ${error.errorDescription ?? error.message}`;
  if (!(error instanceof SdkHttpError)) return error.message;
  const { status, text } = error.data;
  const { error: refusal } = JSON.parse(typeof text === 'string' ? text : '{}') as {
    error?: { message?: string };
  };
  return `${status}: ${refusal?.message ?? error.message}`;
}
