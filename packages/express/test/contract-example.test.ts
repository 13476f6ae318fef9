import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { mcpAuth } from '@mcp-m2m/express';
import { adapterContract, createContractHandler, writeContractAnswer } from '@mcp-m2m/testing/contract';
import express from 'express';
import { it } from 'vitest';

const cases = adapterContract(async (options) => {
  const auth = mcpAuth(options); // the adapter under test
  const handle = createContractHandler(); // one for each server
  const app = express();
  app.use(auth.metadata());
  app.all(new URL(options.resource).pathname, auth.protect(), (request, response, next) => {
    const { method, auth: caller, body: parsedBody } = request;
    handle({ method, caller, parsedBody })
      .then((answer) => writeContractAnswer(response, answer))
      .catch(next);
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.close().closeAllConnections();
    await once(server, 'close');
  };
  return { origin: `http://127.0.0.1:${port}`, close };
});

it.each(cases)('$name', ({ run: expectKept }) => expectKept());
