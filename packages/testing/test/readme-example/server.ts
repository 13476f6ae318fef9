import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRemoteJWKSet, jwtVerify } from 'jose';

/** Stands in for the reader's protected MCP server: it accepts the issuer's tokens for its own address alone. */
export async function startServer({
  issuer,
  now = Date.now,
}: {
  issuer: string;
  now?: () => number;
}): Promise<string> {
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`));
  const server = createServer((request, response) => {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    const refuse = (error?: string) => {
      const parameters = error === undefined ? '' : ` error="${error}"`;
      response.writeHead(401, { 'www-authenticate': `Bearer${parameters}` }).end();
    };
    if (scheme?.toLowerCase() !== 'bearer' || token === undefined) return refuse();
    jwtVerify(token, keys, { issuer, audience: url, typ: 'at+jwt', currentDate: new Date(now()) }).then(
      () => response.writeHead(200).end('{}'),
      () => refuse('invalid_token'),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The example stops with its test process; nothing else waits for the server.
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  return url;
}
