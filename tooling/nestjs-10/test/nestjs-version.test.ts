import { createRequire } from 'node:module';
import { McpAuthException } from '@mcp-m2m/nestjs';
import { HttpException } from '@nestjs/common';
import { expect, it } from 'vitest';

it('what is tested here is the adapter on NestJS 10', () => {
  const require = createRequire(import.meta.url);
  expect(require('@nestjs/common/package.json')).toMatchObject({ version: expect.stringMatching(/^10\./) });
  const { HttpException: installed } = require('@nestjs/common') as { readonly HttpException: unknown };
  expect(HttpException).toBe(installed);
  expect(Object.getPrototypeOf(McpAuthException)).toBe(installed);
});
