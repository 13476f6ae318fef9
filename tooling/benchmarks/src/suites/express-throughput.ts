import { createTestAuthority } from '@mcp-m2m/testing';
import type { Suite } from '../measurement.ts';
import { compareThroughput, THROUGHPUT_METHOD } from '../throughput.ts';

const AUDIENCE = 'https://mcp.example.com/mcp';

/** One token, many requests: the load of a machine that calls tools. */
export const expressThroughput: Suite = {
  name: 'Express, one warm token, 32 connections',
  description: `Requests per second of the same app behind each library, ${THROUGHPUT_METHOD}`,
  run: async () => {
    await using authority = await createTestAuthority({
      audience: AUDIENCE,
      algorithm: 'RS256',
      scope: 'deploy:read',
    });
    const token = authority.mint();
    return await compareThroughput({
      program: 'express-variants.ts',
      variants: [
        'bare',
        'mcp-m2m',
        'official SDK with jose',
        'express-oauth2-jwt-bearer',
        'express-jwt with jwks-rsa',
      ],
      parameters: [authority.issuer, authority.jwksUri, AUDIENCE],
      tokenFor: () => token,
      targets: { bare: 0.95, 'official SDK with jose': 1.6 },
    });
  },
};
