import type { ServerResponse } from 'node:http';
import { CurrentCaller, McpAuthGuard, McpAuthModule, type Caller } from '@mcp-m2m/nestjs';
import {
  adapterContract,
  createContractHandler,
  writeContractAnswer,
  type StartContractServer,
} from '@mcp-m2m/testing/contract';
import { All, Controller, Req, Res, UseGuards } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { describe, expect, it } from 'vitest';
import { PLATFORMS, startApp } from './running-app.ts';

const startServer =
  (createAdapter: () => AbstractHttpAdapter, bodyParser = true): StartContractServer =>
  async (options) => {
    const handle = createContractHandler();

    @Controller(new URL(options.resource).pathname)
    @UseGuards(McpAuthGuard)
    class ContractController {
      @All()
      async handle(
        @CurrentCaller() caller: Caller,
        @Req() { method, body: parsedBody }: { method: string; body: unknown },
        @Res() response: { raw?: ServerResponse; hijack?: () => void },
      ): Promise<void> {
        response.hijack?.();
        const target = response.raw ?? (response as ServerResponse);
        await writeContractAnswer(target, await handle({ method, caller, parsedBody }));
      }
    }

    const imports = [McpAuthModule.forRoot(options)];
    const controllers = [ContractController];
    const running = await startApp(createAdapter, { imports, controllers }, undefined, { bodyParser });
    const { origin } = running;
    return { origin, close: () => running[Symbol.asyncDispose]() as Promise<void> };
  };

describe.each(PLATFORMS)('NestJS on %s', (_, createAdapter) => {
  const cases = adapterContract(startServer(createAdapter), { bodies: 'parser-first' });
  it.each(cases)('$name', ({ run }) => expect(run()).resolves.toBeUndefined());
});

/** `npm test` runs some variants, `npm run test:services` every one. */
const EVERY = process.env.EVERY_VARIANT !== undefined;

describe.each(EVERY ? ['without its parser'] : [])('NestJS on Express, %s', () => {
  const cases = adapterContract(startServer(() => new ExpressAdapter(), false));
  it.each(cases)('$name', ({ run }) => expect(run()).resolves.toBeUndefined());
});
