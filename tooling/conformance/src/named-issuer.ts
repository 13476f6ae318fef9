import { parseChallenges } from '@mcp-m2m/core';

/**
 * The authorization server that the server under test names first. The scenarios do not say which one issued
 * their credentials; a real client is configured with the issuer and never asks.
 */
export async function findNamedIssuer(serverUrl: string): Promise<string> {
  const refusal = await fetch(serverUrl, {
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
