import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

import { isLoopbackHostname, sanitizeText } from '@mcp-m2m/core';

import { failure, warning } from '../findings.ts';
import type { StepResult } from '../walk.ts';
import type { Step } from './step.ts';

const EXPIRES_SOON_MILLISECONDS = 7 * 86_400_000;

/** Resolves the name and opens a connection, with TLS where the address has https. */
export const connection: Step = {
  name: 'connection',
  title: 'Name, connection and TLS',
  async run({ settings, signal }) {
    const { protocol, hostname, port: explicitPort } = new URL(settings.resource);
    const host = hostname.replace(/^\[|\]$/g, '');
    const port = explicitPort === '' ? (protocol === 'https:' ? 443 : 80) : Number(explicitPort);
    const about = { sent: `a connection to ${hostname}:${port}`, expected: 'an open connection' };
    if (protocol === 'http:' && !isLoopbackHostname(hostname)) {
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
    try {
      const addresses =
        isIP(host) === 0 ? (await lookup(host, { all: true })).map(({ address }) => address) : [host];
      return {
        ...about,
        ...(protocol === 'https:' ? await openTls(host, port, signal) : await openTcp(host, port, signal)),
        sent: `${about.sent} (${addresses.slice(0, 4).join(', ')})`,
      };
    } catch (error) {
      return { ...about, ...describeConnectionFailure(error, hostname, port, signal) };
    }
  },
};

async function openTcp(host: string, port: number, signal: AbortSignal): Promise<StepResult> {
  const socket = await untilConnected(connectTcp({ host, port, signal } as never), 'connect', signal);
  socket.destroy();
  return { received: 'connected, without TLS (loopback)' };
}

async function openTls(host: string, port: number, signal: AbortSignal): Promise<StepResult> {
  // The certificate is judged below, so that what is wrong with it can be told.
  const options = {
    host,
    port,
    rejectUnauthorized: false,
    ...(isIP(host) === 0 ? { servername: host } : {}),
  };
  const socket = (await untilConnected(connectTls(options), 'secureConnect', signal)) as TLSSocket;
  const certificate = socket.getPeerCertificate();
  const { authorized } = socket;
  const reason = socket.authorizationError as unknown as { code?: string } | string | undefined;
  const tls = socket.getProtocol() ?? 'TLS';
  socket.destroy();
  const until = Date.parse(certificate.valid_to);
  const validity = `${tls}, certificate of ${sanitizeText(String(certificate.subject?.CN ?? 'no common name'), 80)} until ${sanitizeText(certificate.valid_to, 40)}`;
  if (!authorized) {
    const code = typeof reason === 'string' ? reason : (reason?.code ?? 'unknown reason');
    return {
      expected: 'a certificate that this machine trusts, for this name',
      received: `${validity}: ${sanitizeText(code, 80)}`,
      findings: [
        failure(
          'tls_failed',
          `The certificate of ${host} is not accepted: ${sanitizeText(code, 80)}.`,
          TLS_FIXES.get(code) ??
            'Have the operator of the server install a certificate for this name, with its intermediate certificates.',
        ),
      ],
    };
  }
  const findings =
    until - Date.now() < EXPIRES_SOON_MILLISECONDS
      ? [
          warning(
            'certificate_expires_soon',
            `The certificate of ${host} ends on ${sanitizeText(certificate.valid_to, 40)}.`,
            'Have the operator of the server renew it.',
          ),
        ]
      : [];
  return { received: validity, findings };
}

const OF_AN_OWN_AUTHORITY =
  'The certificate comes from an authority that this machine does not know. If it is your own, start Node.js with NODE_EXTRA_CA_CERTS=ca.pem (or --use-system-ca); otherwise have the operator install one of a public authority, with its intermediate certificates.';

const TLS_FIXES: ReadonlyMap<string, string> = new Map([
  ['SELF_SIGNED_CERT_IN_CHAIN', OF_AN_OWN_AUTHORITY],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', OF_AN_OWN_AUTHORITY],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', OF_AN_OWN_AUTHORITY],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', OF_AN_OWN_AUTHORITY],
  [
    'CERT_HAS_EXPIRED',
    'Have the operator of the server renew its certificate; if it is said to be new, compare the clock of this machine.',
  ],
  ['CERT_NOT_YET_VALID', 'Compare the clock of this machine: for it, the certificate is not valid yet.'],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'Use a name that the certificate is for, or have the operator of the server install one for this name.',
  ],
]);

async function untilConnected(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<Socket> {
  return await new Promise((resolve, reject) => {
    const abort = (): void => {
      socket.destroy();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', abort, { once: true });
    socket.once(event, () => {
      signal.removeEventListener('abort', abort);
      resolve(socket);
    });
    socket.once('error', (error) => {
      signal.removeEventListener('abort', abort);
      reject(error);
    });
  });
}

/** Says why there is no connection. */
export function describeConnectionFailure(
  error: unknown,
  hostname: string,
  port: number,
  signal: AbortSignal,
): StepResult {
  const code = (error as { code?: string }).code ?? '';
  if (signal.aborted) {
    return {
      received: 'nothing in time',
      findings: [
        failure(
          'timed_out',
          `${hostname}:${port} does not answer: the connection is neither accepted nor refused.`,
          'A firewall may drop it: check that this machine may reach that address, and that the server runs.',
        ),
      ],
    };
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      received: code,
      findings: [
        failure(
          'name_unresolved',
          `The name ${hostname} is not known here (${code}).`,
          code === 'ENOTFOUND'
            ? 'Correct the name in the URL; a name of an internal network needs that network (VPN, cluster DNS).'
            : 'The name server does not answer: check the network of this machine, then try again.',
        ),
      ],
    };
  }
  const certificateFix = TLS_FIXES.get(code);
  if (certificateFix !== undefined) {
    return {
      received: code,
      findings: [
        failure('tls_failed', `The certificate of ${hostname} is not accepted: ${code}.`, certificateFix),
      ],
    };
  }
  const tls = code.startsWith('ERR_SSL') || code === 'EPROTO';
  return {
    received: sanitizeText(code === '' ? 'a network failure' : code, 80),
    findings: [
      tls
        ? failure(
            'tls_failed',
            `${hostname}:${port} does not speak TLS as expected (${sanitizeText(code, 80)}).`,
            'Check the port: a plain http server may be listening there, or a proxy ends TLS elsewhere.',
          )
        : failure(
            'unreachable',
            `${hostname}:${port} cannot be reached (${sanitizeText(code === '' ? 'network failure' : code, 80)}).`,
            code === 'ECONNREFUSED'
              ? 'Nothing listens on that port: start the server, or correct the port in the URL.'
              : 'Check the network between this machine and the server.',
          ),
    ],
  };
}
