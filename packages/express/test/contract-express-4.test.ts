import { adapterContract } from '@mcp-m2m/testing/contract';
import express from 'express-4';
import { describe, it } from 'vitest';
import { createMounts, startWith, type Mount } from './contract-mounts.ts';

/** `npm test` runs some variants, `npm run test:services` every one. */
const EVERY = process.env.EVERY_VARIANT !== undefined;
const { withoutParser, parserBehind, parserBefore, inNestedRouters, inInnerApplication, errorHandler } =
  createMounts(express);
// What Express 4 does otherwise than Express 5: parsers, and how it matches paths.
const mounts: readonly Mount[] = EVERY
  ? [withoutParser, parserBehind, parserBefore, inNestedRouters, inInnerApplication, errorHandler]
  : [parserBefore];

describe.each(mounts)('Express 4, $name', (mount) => {
  const cases = adapterContract(startWith(express, mount), mount.options);
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, expectKept) => expectKept());
});
