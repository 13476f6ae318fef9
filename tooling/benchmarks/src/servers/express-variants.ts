// One Express application in a process of its own: bare, or protected by the library named on the command line.
// Every variant parses the body and answers the same; only what stands in front of the handler differs.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mcpAuth } from '@mcp-m2m/express';
import { requireBearerAuth } from '@modelcontextprotocol/express';
import express, { type RequestHandler } from 'express';
import { expressjwt } from 'express-jwt';
import { auth as oauth2JwtBearer } from 'express-oauth2-jwt-bearer';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import jwksRsa from 'jwks-rsa';
import { measureUsage } from '../server-process.ts';

const [variant = '', issuer = '', jwksUri = '', audience = '', dpop = ''] = process.argv.slice(2);

/** The official SDK's middleware with the verifier its documentation shows: jose and a remote key set. */
function officialSdk(): RequestHandler {
  const keys = createRemoteJWKSet(new URL(jwksUri));
  return requireBearerAuth({
    verifier: {
      verifyAccessToken: async (token) => {
        const { payload } = await jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt' });
        return {
          token,
          clientId: String(payload.client_id),
          scopes: String(payload.scope).split(' '),
          expiresAt: payload.exp ?? 0,
        };
      },
    },
    requiredScopes: ['deploy:read'],
  });
}

const VARIANTS: Readonly<Record<string, () => readonly RequestHandler[]>> = {
  bare: () => [],
  'mcp-m2m': () => {
    const auth = mcpAuth({
      resource: audience,
      authorizationServers: [issuer],
      access: { scopes: ['deploy:read'], tools: { start_deployment: ['deploy:write'] } },
    });
    return [auth.protect()];
  },
  'official SDK with jose': () => [officialSdk()],
  'express-oauth2-jwt-bearer': () => [
    oauth2JwtBearer({
      audience,
      issuer,
      jwksUri,
      ...(dpop === 'dpop' ? { dpop: { enabled: true, required: true } } : {}),
    }),
  ],
  'express-jwt with jwks-rsa': () => [
    expressjwt({
      secret: jwksRsa.expressJwtSecret({ jwksUri, cache: true }),
      audience,
      issuer,
      algorithms: ['RS256', 'ES256'],
    }) as RequestHandler,
  ],
};

const handlers = VARIANTS[variant]?.();
if (handlers === undefined) throw new Error(`unknown variant ${variant}`);

const app = express();
app.disable('x-powered-by');
app.use(express.json());
app.post('/mcp', ...handlers, (request, response) => {
  const { id } = request.body as { id: number };
  response.json({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'done' }] } });
});

const server = createServer(app).listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
// Asked for before and after a load: processor time tells more than the clock on a machine that others use too.
process.on('message', () => process.send?.(measureUsage()));
process.once('disconnect', () => process.exit(0));
