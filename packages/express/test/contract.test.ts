import { adapterContract } from '@mcp-m2m/testing/contract';
import express from 'express';
import { describe, it } from 'vitest';
import { createMounts, startWith, type Mount } from './contract-mounts.ts';

const mounts: readonly Mount[] = Object.values(createMounts(express));

describe.each(mounts)('Express 5, $name', (mount) => {
  const cases = adapterContract(startWith(express, mount), mount.options);
  it.each(cases.map(({ name, run }) => [name, run] as const))('%s', (_, expectKept) => expectKept());
});
