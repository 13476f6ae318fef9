import type { Tool } from '@modelcontextprotocol/client';

import type { Finding, ListedTool } from '../diagnosis.ts';
import { failure, note } from '../findings.ts';
import { describeFailure, explainMcpFailure } from '../mcp-refusal.ts';
import type { McpSession } from '../mcp-session.ts';
import type { Walk } from '../walk.ts';
import type { Step } from './step.ts';

/** Where the official client gives up. */
const MOST_PAGES = 64;

/** Lists the tools. */
export const tools: Step = {
  name: 'tools',
  title: 'tools/list',
  async run(walk) {
    const { session } = walk;
    if (session === undefined) return { skipped: true, received: 'there is no session' };
    const about = { sent: 'tools/list', expected: 'the tools' };
    if (session.client.getServerCapabilities()?.tools === undefined) {
      walk.tools = [];
      walk.definitions = new Map();
      return {
        ...about,
        received: 'not asked: the server announces no tools',
        findings: [
          note(
            'tools_none',
            'The server announces that it has no tools.',
            'If it should have some, see whether they are registered before it is connected.',
          ),
        ],
      };
    }
    const since = walk.recorder.count();
    try {
      const { found, isWhole } = await listTools(walk, session);
      walk.tools = found.map((tool) => describeTool(walk, tool));
      walk.definitions = new Map(found.map((tool) => [tool.name, tool]));
      return {
        ...about,
        received: summarise(walk.tools),
        findings: isWhole ? [] : [explainEndlessList(found.length)],
      };
    } catch (error) {
      walk.signal.throwIfAborted();
      return {
        ...about,
        received: describeFailure(walk, since, error),
        findings: [
          explainMcpFailure(walk, since, error, {
            code: 'tools_unavailable',
            message: 'The server does not list its tools',
            fix: 'See the log of the MCP server: it announces tools, and fails to list them.',
          }),
        ],
      };
    }
  },
};

/**
 * Reads page after page, as the official client does. Its own function for that writes names of tools to the terminal
 * as the server spells them.
 */
async function listTools(
  { settings, signal }: Walk,
  { client }: McpSession,
): Promise<{ readonly found: readonly Tool[]; readonly isWhole: boolean }> {
  const options = { timeout: settings.timeoutMilliseconds, signal };
  const found: Tool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const params = cursor === undefined ? {} : { params: { cursor } };
    const answer = await client.request({ method: 'tools/list', ...params }, options);
    found.push(...answer.tools);
    if (answer.nextCursor === undefined) return { found, isWhole: true };
    cursor = answer.nextCursor;
  }
  return { found, isWhole: false };
}

function describeTool({ redaction }: Walk, { name, description }: Tool): ListedTool {
  return {
    name: redaction.show(name, 120),
    description: description === undefined ? undefined : redaction.show(description, 300),
  };
}

function summarise(listed: readonly ListedTool[]): string {
  const names = listed.slice(0, 10).map(({ name }) => name);
  const shown = names.length === 0 ? '' : `: ${names.join(', ')}${listed.length > 10 ? ', …' : ''}`;
  return `${listed.length} ${listed.length === 1 ? 'tool' : 'tools'}${shown}`;
}

function explainEndlessList(count: number): Finding {
  return failure(
    'tool_list_endless',
    `The list of tools does not end: ${count} were read on ${MOST_PAGES} pages, and there is a next one; clients give up.`,
    'Have the server leave out nextCursor on its last page.',
  );
}
