import { sanitizeText } from '@mcp-m2m/core';

import { startDeadline } from '../deadline.ts';
import type { Finding } from '../diagnosis.ts';
import { failure, note, warning } from '../findings.ts';
import { findLegacyTransport } from '../legacy-transport.ts';
import { describeFailure, explainMcpFailure } from '../mcp-refusal.ts';
import { closeSession, openSession, REVISIONS, type Revision } from '../mcp-session.ts';
import type { Walk } from '../walk.ts';
import type { Step } from './step.ts';

/** Shakes hands with the official client, in both revisions of the protocol; the newer one that works goes on. */
export const handshake: Step = {
  name: 'handshake',
  title: 'MCP handshake',
  async run(walk) {
    if (walk.token === undefined && walk.openToAll !== true) {
      return { skipped: true, received: 'there is no token' };
    }
    const sent = `server/discover (${REVISIONS[0]}) and initialize (${REVISIONS[1]})${walk.token === undefined ? '' : ', with the token'}`;
    const before = walk.recorder.count();
    const answers: string[] = [];
    const failures: Finding[] = [];
    for (const revision of REVISIONS) {
      const { answer, failed } = await shakeHands(walk, revision);
      answers.push(`${revision}: ${answer}`);
      if (failed !== undefined) failures.push(failed);
    }
    const result = { sent, expected: 'an answer in at least one revision', received: answers.join('; ') };
    const { session } = walk;
    if (session !== undefined)
      return { ...result, findings: failures.map((one) => explainOther(session, one)) };
    const legacy = takesNoPost(walk, before) ? await findLegacyTransport(walk) : undefined;
    return { ...result, findings: [legacy ?? chooseFailure(failures)] };
  },
};

interface Handshake {
  readonly answer: string;
  readonly failed?: Finding;
}

/** One of two attempts, with half of the step's time: a server that hangs in one revision may know the other. */
async function shakeHands(walk: Walk, revision: Revision): Promise<Handshake> {
  const since = walk.recorder.count();
  const milliseconds = Math.ceil(walk.settings.timeoutMilliseconds / REVISIONS.length);
  const deadline = startDeadline(milliseconds, walk.signal);
  try {
    const session = await openSession(walk, revision, deadline.signal);
    const answer = describeServer(session.client.getServerVersion());
    if (walk.session === undefined) walk.session = session;
    else await closeSession(session);
    return { answer };
  } catch (error) {
    walk.signal.throwIfAborted();
    if (deadline.isOver()) {
      return {
        answer: `nothing within ${milliseconds} ms`,
        failed: failure(
          'timed_out',
          `The server does not answer a handshake in revision ${revision} within ${milliseconds} ms.`,
          'See whether the server hangs, or whether a proxy holds back event streams (nginx: proxy_buffering off); if it is slow by nature, raise timeoutMilliseconds.',
        ),
      };
    }
    return {
      answer: describeFailure(walk, since, error),
      failed: explainMcpFailure(walk, since, error, {
        code: 'handshake_failed',
        message: `The server does not shake hands in revision ${revision}`,
        fix: 'Check that the URL is that of the MCP endpoint, and see the log of the MCP server.',
      }),
    };
  } finally {
    deadline.stop();
  }
}

/** A refusal that says why is better than one that does not, and the newer revision speaks first. */
function chooseFailure(failures: readonly Finding[]): Finding {
  const telling = failures.find(({ code }) => code !== 'handshake_failed' && code !== 'timed_out');
  return telling ?? (failures[0] as Finding);
}

/** The other revision did not work: mostly the server does not know it, and that is all. */
function explainOther({ revision }: { readonly revision: Revision }, failed: Finding): Finding {
  if (failed.code === 'handshake_failed') {
    return note(
      'one_revision_only',
      `The server speaks ${revision} alone.`,
      'Nothing is to be done as long as its clients speak that revision as well; SDK clients find out by themselves (versionNegotiation "auto").',
    );
  }
  return warning(
    failed.code,
    `In revision ${revision} the server works, in the other one not: ${failed.message}`,
    failed.fix,
  );
}

function takesNoPost(walk: Walk, before: number): boolean {
  const posts = walk.recorder
    .since(before)
    .filter(({ method, url }) => method === 'POST' && url === addressOf(walk));
  return posts.length > 0 && posts.every(({ status }) => [400, 404, 405, 501].includes(status));
}

function addressOf({ settings }: Walk): string {
  const { origin, pathname } = new URL(settings.resource);
  return origin + pathname;
}

function describeServer(server: { name: string; version: string } | undefined): string {
  if (server === undefined) return 'agreed';
  return `${sanitizeText(server.name, 80)} ${sanitizeText(server.version, 40)}`;
}
