/* oxlint-disable unicorn/prefer-add-event-listener -- the transports of the SDK */
import { PassThrough } from 'node:stream';

import { Client, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/client';
import { onTestFinished } from 'vitest';

import { runProgram } from '../../src/program.ts';
import type { StatefulScene } from './stateful-scene.ts';

/** A client at one end of the bridge, and what the bridge wrote. */
export interface BridgedClient {
  readonly client: Client;
  /** Every line of standard output. */
  readonly lines: readonly string[];
  err(): string;
  /** Closes standard input, and waits for the exit code. */
  end(): Promise<number>;
}

/** Runs the bridge in this process, with a client behind it that can be asked back. */
export async function connectThroughBridge(
  { url, args, environment }: Pick<StatefulScene, 'url' | 'args' | 'environment'>,
  mode: 'legacy' | { readonly pin: string } = 'legacy',
  prepare: (client: Client) => void = () => undefined,
): Promise<BridgedClient> {
  const [input, out, err] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let said = '';
  err.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const lines: string[] = [];
  const ended = runProgram(['bridge', url, ...args], {
    in: input,
    out,
    err,
    environment: { MCP_M2M_CONFIG: '/nonexistent/config.json', ...environment },
    interactive: false,
    color: false,
    width: 100,
    signal: new AbortController().signal,
  });
  const client = new Client(
    { name: 'test', version: '1' },
    { capabilities: { elicitation: { form: {} }, sampling: {} }, versionNegotiation: { mode } },
  );
  prepare(client);
  onTestFinished(() => void input.end());
  await client.connect(overLines(input, out, lines));
  return {
    client,
    lines,
    err: () => said,
    async end() {
      input.end();
      return await ended;
    },
  };
}

/** A transport over the two streams of a stdio server. */
function overLines(input: PassThrough, out: PassThrough, lines: string[]): Transport {
  let rest: Buffer[] = [];
  const transport: Transport = {
    async start() {
      out.on('data', (chunk: Buffer) => {
        for (let from = 0; ;) {
          const at = chunk.indexOf('\n', from);
          if (at === -1) return void rest.push(chunk.subarray(from));
          const line = Buffer.concat([...rest, chunk.subarray(from, at)]).toString();
          rest = [];
          from = at + 1;
          lines.push(line);
          transport.onmessage?.(JSON.parse(line) as JSONRPCMessage);
        }
      });
    },
    async send(message) {
      input.write(`${JSON.stringify(message)}\n`);
    },
    async close() {
      transport.onclose?.();
    },
  };
  return transport;
}
