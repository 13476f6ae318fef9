import { parseChallenges, sanitizeText, type Challenge } from '@mcp-m2m/core';

import { findLegacyTransport } from '../legacy-transport.ts';
import { callWithoutToken, INITIALIZE, PING } from '../plain-call.ts';
import type { Finding } from '../diagnosis.ts';
import type { RecordedExchange } from '../exchange-recorder.ts';
import { failure, warning } from '../findings.ts';
import type { StepResult, Walk } from '../walk.ts';
import { withSlashToggled } from '../trailing-slash.ts';
import type { Step } from './step.ts';

/** Calls the server without a token, for the challenge of its 401. */
export const challenge: Step = {
  name: 'challenge',
  title: 'Request without a token',
  async run(walk) {
    const { resource } = walk.settings;
    const expected = '401 with a WWW-Authenticate challenge that names resource_metadata';
    const ping = await callWithoutToken(walk, resource, PING);
    const sent = `POST ${resource} with a JSON-RPC ping and no token`;
    // A server with sessions wants to be greeted before anything else.
    if (ping.status !== 400) {
      return { sent, expected, received: describeAnswer(ping), ...(await judge(walk, ping)) };
    }
    const answer = await callWithoutToken(walk, resource, INITIALIZE);
    const received = `${describeAnswer(ping)}; to initialize, ${describeAnswer(answer)}`;
    return { sent: `${sent}, then initialize`, expected, received, ...(await judge(walk, answer)) };
  },
};

function describeAnswer({ status, headers }: RecordedExchange): string {
  const header = headers.get('www-authenticate');
  return header === null
    ? `status ${status}`
    : `status ${status}, WWW-Authenticate: ${sanitizeText(header, 400)}`;
}

async function judge(walk: Walk, answer: RecordedExchange): Promise<StepResult> {
  const { status } = answer;
  const { resource } = walk.settings;
  if (status === 401) return judgeChallenge(walk, answer);
  if (status >= 300 && status < 400) {
    return {
      findings: [
        failure(
          'redirected',
          `${resource} redirects to ${locationOf(answer, resource)}; a token is never sent along a redirect.`,
          'Configure the final address. If it only adds or removes a slash, configure it that way, or stop the server from redirecting.',
        ),
      ],
    };
  }
  if (status < 300) {
    walk.openToAll = true;
    return {
      findings: [
        warning(
          'not_protected',
          `${resource} answers a request without a token (status ${status}): it may not be protected.`,
          'If it is meant to be, put the verification of tokens before the handler of this path, for all methods; an open ping alone does no harm.',
        ),
      ],
    };
  }
  if (status === 404 || status === 405 || status === 410 || status === 501) {
    return { findings: [(await findLegacyTransport(walk)) ?? (await explainPath(walk, status))] };
  }
  if (status === 429) {
    return {
      findings: [
        failure(
          'rate_limited',
          `${resource} refuses requests for now (status 429).`,
          `Wait${retryAfter(answer)} and try again; if it stays, ask the operator of the server about its limits.`,
        ),
      ],
    };
  }
  if (status >= 500) {
    return {
      findings: [
        failure(
          'server_failing',
          `${resource} fails (status ${status}) before any token is looked at.`,
          'See the log of the MCP server or of the proxy before it.',
        ),
      ],
    };
  }
  if (status === 403) {
    return {
      findings: [
        failure(
          'refused_without_challenge',
          `${resource} answers 403 to a request without a token; a client learns nothing from that.`,
          'Something before the MCP server may refuse the request (firewall, allow-list, check of Host or Origin): let this machine through. A protected server answers 401 here.',
        ),
      ],
    };
  }
  return {
    findings: [
      warning(
        'judged_before_authentication',
        `${resource} answers ${status} to a request without a token, where 401 was due: it judges the request before the caller.`,
        'Put the verification of tokens before the MCP handler; without the 401 clients have to guess where the metadata is.',
      ),
    ],
  };
}

function judgeChallenge(walk: Walk, { headers }: RecordedExchange): StepResult {
  const header = headers.get('www-authenticate');
  const challenges = parseChallenges(header ?? '');
  const isForTokens = ({ scheme }: Challenge): boolean => ['bearer', 'dpop'].includes(scheme.toLowerCase());
  walk.challenge =
    challenges.find(({ scheme }) => scheme.toLowerCase() === 'bearer') ?? challenges.find(isForTokens);
  if (walk.challenge === undefined) {
    const [other] = challenges;
    return {
      findings: [
        other === undefined
          ? warning(
              'challenge_missing',
              `The 401 has ${header === null ? 'no WWW-Authenticate header' : 'a WWW-Authenticate header that cannot be read'}: clients have to guess where the metadata is.`,
              'If the server sends the header, a proxy before it removes it: let WWW-Authenticate pass. Otherwise add it to the 401.',
            )
          : warning(
              'challenge_of_another_scheme',
              `The 401 asks for "${sanitizeText(other.scheme, 40)}", not for an access token (Bearer or DPoP).`,
              'A proxy may ask for credentials of its own before the MCP server is reached: exempt this path there, or let the server answer.',
            ),
      ],
    };
  }
  if (walk.challenge.parameters.resource_metadata !== undefined) return {};
  return {
    findings: [
      warning(
        'challenge_without_metadata',
        'The challenge does not say where the metadata is (resource_metadata): clients try the well-known addresses.',
        'Add resource_metadata="…" to the challenge; a metadata document at a well-known address is found without it.',
      ),
    ],
  };
}

async function explainPath(walk: Walk, status: number): Promise<Finding> {
  const { resource } = walk.settings;
  const other = withSlashToggled(resource);
  let fix = 'Check the path of the URL; many servers have their endpoint at /mcp.';
  try {
    const answer = await callWithoutToken(walk, other, PING);
    if (answer.status === 401 || answer.status === 200) {
      fix = `There is one at ${other}: configure that address, the slash at its end matters.`;
    }
  } catch {
    // The other spelling is only a guess.
  }
  return failure('not_an_mcp_endpoint', `There is no MCP endpoint at ${resource} (status ${status}).`, fix);
}

function locationOf({ headers }: RecordedExchange, base: string): string {
  const location = URL.parse(headers.get('location') ?? '', base);
  return location === null ? 'nowhere' : sanitizeText(location.origin + location.pathname);
}

function retryAfter({ headers }: RecordedExchange): string {
  const value = headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(value) ? ` ${Number(value)} seconds` : '';
}
