import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';

import { untilAborted } from '../deadline.ts';
import { failure } from '../findings.ts';
import type { StepResult } from '../walk.ts';
import { judgeCertificate } from './certificate.ts';
import { describeConnectionFailure } from './connection-failure.ts';
import type { Step } from './step.ts';

/** Resolves the name and opens a connection, with TLS where the address has https. */
export const connection: Step = {
  name: 'connection',
  title: 'Name, connection and TLS',
  async run({ settings, signal }) {
    const { protocol, hostname, port: explicitPort } = new URL(settings.resource);
    const host = hostname.replace(/^\[|\]$/g, '');
    const port = explicitPort === '' ? (protocol === 'https:' ? 443 : 80) : Number(explicitPort);
    const about = { sent: `a connection to ${hostname}:${port}`, expected: 'an open connection' };
    if (settings.isInsecure) {
      return {
        ...about,
        expected: 'https (http on loopback only)',
        received: 'http',
        findings: [
          failure(
            'address_insecure',
            `${settings.resource} has http: tokens would be readable on the way, and clients send none there.`,
            'Serve the MCP server by https and use that address; http is for loopback addresses only.',
          ),
        ],
      };
    }
    if (settings.fetch !== undefined) {
      return { skipped: true, received: 'not looked at: requests go through a fetch of your own' };
    }
    if (goesThroughProxy()) return { skipped: true, received: 'not looked at: requests go through a proxy' };
    try {
      // A name server that is silent would hold the walk for longer than a step may take.
      const addresses =
        isIP(host) === 0
          ? (await untilAborted(lookup(host, { all: true }), signal)).map(({ address }) => address)
          : [host];
      return {
        ...about,
        ...(protocol === 'https:'
          ? await openTls(host, port, signal, settings.now)
          : await openTcp(host, port, signal)),
        sent: `${about.sent} (${addresses.slice(0, 4).join(', ')})`,
      };
    } catch (error) {
      return { ...about, ...describeConnectionFailure(error, hostname, port, signal) };
    }
  },
};

/** Node.js sends requests through the proxy that the environment names only where it is told to. */
function goesThroughProxy(): boolean {
  const {
    NODE_USE_ENV_PROXY,
    NODE_OPTIONS = '',
    HTTP_PROXY,
    HTTPS_PROXY,
    http_proxy,
    https_proxy,
  } = process.env;
  const named = [HTTP_PROXY, HTTPS_PROXY, http_proxy, https_proxy].some((proxy) => (proxy ?? '') !== '');
  const told =
    NODE_USE_ENV_PROXY === '1' || [...process.execArgv, NODE_OPTIONS].join(' ').includes('--use-env-proxy');
  return named && told;
}

async function openTcp(host: string, port: number, signal: AbortSignal): Promise<StepResult> {
  const socket = await untilConnected(connectTcp({ host, port }), 'connect', signal);
  socket.destroy();
  return { received: 'connected, without TLS (loopback)' };
}

async function openTls(
  host: string,
  port: number,
  signal: AbortSignal,
  now: () => number,
): Promise<StepResult> {
  // The certificate is judged afterwards, so that what is wrong with it can be told.
  const options = {
    host,
    port,
    rejectUnauthorized: false,
    ...(isIP(host) === 0 ? { servername: host } : {}),
  };
  const socket = (await untilConnected(connectTls(options), 'secureConnect', signal)) as TLSSocket;
  const { subject, valid_to: validTo } = socket.getPeerCertificate() as Partial<PeerCertificate>;
  const { authorized } = socket;
  const reason = socket.authorizationError as unknown as { code?: string } | string | undefined;
  const code = typeof reason === 'string' ? reason : (reason?.code ?? 'unknown reason');
  const tls = socket.getProtocol() ?? 'TLS';
  socket.destroy();
  const commonName = typeof subject?.CN === 'string' ? subject.CN : undefined;
  return judgeCertificate({ host, tls, commonName, validTo, refusal: authorized ? undefined : code }, now());
}

async function untilConnected(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<Socket> {
  const connected = new Promise<Socket>((resolve, reject) => {
    socket.once(event, () => resolve(socket));
    // Stays: a socket that fails once more must not end the process.
    socket.on('error', reject);
  });
  try {
    return await untilAborted(connected, signal);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
