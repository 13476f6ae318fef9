import type { Finding } from '../diagnosis.ts';
import { note } from '../findings.ts';
import { describeFailure, explainMcpFailure } from '../mcp-refusal.ts';
import { openSession, REVISIONS } from '../mcp-session.ts';
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
    const answers: string[] = [];
    const failures: Finding[] = [];
    for (const revision of REVISIONS) {
      const since = walk.recorder.exchanges.length;
      try {
        const session = await openSession(walk, revision);
        answers.push(`${revision}: ${describeServer(session.client.getServerVersion())}`);
        if (walk.session === undefined) walk.session = session;
        else await session.client.close();
      } catch (error) {
        walk.signal.throwIfAborted();
        answers.push(`${revision}: ${describeFailure(walk, since, error)}`);
        failures.push(
          explainMcpFailure(walk, since, error, {
            code: 'handshake_failed',
            message: `The server does not shake hands in revision ${revision}`,
            fix: 'Check that the URL is that of the MCP endpoint, and see the log of the MCP server.',
          }),
        );
      }
    }
    const result = { sent, expected: 'an answer in at least one revision', received: answers.join('; ') };
    if (walk.session === undefined) return { ...result, findings: failures.slice(0, 1) };
    if (failures.length === 0) return result;
    return {
      ...result,
      findings: [
        note(
          'one_revision_only',
          `The server speaks ${walk.session.revision} alone.`,
          'Nothing is to be done as long as its clients speak that revision as well; SDK clients find out by themselves (versionNegotiation "auto").',
        ),
      ],
    };
  },
};

function describeServer(server: { name: string; version: string } | undefined): string {
  return server === undefined ? 'agreed' : `${server.name.slice(0, 80)} ${server.version.slice(0, 40)}`;
}
