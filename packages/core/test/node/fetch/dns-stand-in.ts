import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns';
import { onTestFinished } from 'vitest';
import type { Lookup } from '../../../src/node/fetch/judged-addresses.ts';

/** A DNS server for tests, and a look-up that asks it. */
export interface DnsStandIn {
  readonly lookup: Lookup;
  /** Names that were asked for, oldest first. */
  readonly questions: string[];
}

/**
 * Starts a DNS server over UDP on 127.0.0.1. Each question for a name is answered with the next of its lists of
 * IPv4 addresses, and with the last one from then on.
 */
export async function startDnsStandIn(names: Record<string, readonly string[][]>): Promise<DnsStandIn> {
  const questions: string[] = [];
  const server = createSocket('udp4');
  server.on('message', (query, { port, address }) => {
    const name = readName(query);
    const answers = names[name] ?? [];
    const asked = questions.filter((question) => question === name).length;
    questions.push(name);
    server.send(reply(query, answers[Math.min(asked, answers.length - 1)] ?? []), port, address);
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${server.address().port}`]);
  return {
    questions,
    lookup: (hostname, _options, callback) => {
      resolver.resolve4(hostname, (error, addresses) =>
        callback(error, error === null ? addresses.map((address) => ({ address, family: 4 })) : []),
      );
    },
  };
}

const HEADER_LENGTH = 12;

function readName(query: Buffer): string {
  const labels: string[] = [];
  for (let at = HEADER_LENGTH; query[at] !== 0 && query[at] !== undefined; at += 1 + (query[at] ?? 0)) {
    labels.push(query.toString('ascii', at + 1, at + 1 + (query[at] ?? 0)));
  }
  return labels.join('.').toLowerCase();
}

/** Repeats the question and answers it with records of type A that nobody may keep. */
function reply(query: Buffer, addresses: readonly string[]): Buffer {
  let end = HEADER_LENGTH;
  while (query[end] !== 0) end += 1 + (query[end] ?? 0);
  const header = Buffer.alloc(HEADER_LENGTH);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((address) =>
    Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  );
  return Buffer.concat([header, query.subarray(HEADER_LENGTH, end + 5), ...records]);
}
