import { createTestAuthority } from '@mcp-m2m/testing';
import type { Suite } from '../measurement.ts';
import { compareThroughput, THROUGHPUT_METHOD } from '../throughput.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';

/** The frameworks, what they are compared with, and how little protection may cost. */
const FRAMEWORKS = [
  { framework: 'Koa', peer: 'koa-jwt with jwks-rsa', atLeast: 0.95 },
  { framework: 'Fastify', peer: '@fastify/jwt', atLeast: 0.95 },
  { framework: 'NestJS', peer: '@nestjs/passport with passport-jwt', atLeast: 0.93 },
  { framework: 'Hono', peer: "Hono's jwk middleware", atLeast: 0.95 },
] as const;

/** The same for every other framework. */
export const frameworkThroughput: readonly Suite[] = FRAMEWORKS.map(({ framework, peer, atLeast }) => ({
  name: `${framework}, one warm token, 32 connections`,
  description: `Requests per second of the same app behind each library, ${THROUGHPUT_METHOD}`,
  run: async () => {
    await using authority = await createTestAuthority({
      audience: AUDIENCE,
      algorithm: 'RS256',
      scope: 'deploy:read',
    });
    const token = authority.mint();
    // Hono's middleware knows no other type than JWT, which RFC 9068 tokens do not have.
    const typedAsJwt = authority.mint({}, { typ: 'JWT' });
    return await compareThroughput({
      program: 'framework-variants.ts',
      variants: ['bare', 'mcp-m2m', peer],
      parameters: [framework, authority.issuer, authority.jwksUri, AUDIENCE],
      tokenFor: (variant) => (framework === 'Hono' && variant === peer ? typedAsJwt : token),
      targets: { bare: atLeast },
    });
  },
}));
