import { sanitizeText } from '@mcp-m2m/core';

import { describeFailure, explainMcpFailure } from '../mcp-refusal.ts';
import type { Step } from './step.ts';

const MOST_PAGES = 20;

/** Lists the tools. */
export const tools: Step = {
  name: 'tools',
  title: 'tools/list',
  async run(walk) {
    const { session, settings, signal } = walk;
    if (session === undefined) return { skipped: true, received: 'there is no session' };
    const since = walk.recorder.exchanges.length;
    const about = { sent: 'tools/list', expected: 'the tools' };
    try {
      const listed = [];
      let cursor: string | undefined;
      for (let page = 0; page < MOST_PAGES; page++) {
        const { tools: found, nextCursor } = await session.client.listTools(
          cursor === undefined ? {} : { cursor },
          { timeout: settings.timeoutMilliseconds, signal },
        );
        listed.push(
          ...found.map(({ name, description }) => ({
            name: sanitizeText(name, 120),
            description: description === undefined ? undefined : sanitizeText(description, 300),
          })),
        );
        cursor = nextCursor;
        if (cursor === undefined) break;
      }
      walk.tools = listed;
      const names = listed.slice(0, 10).map(({ name }) => name);
      return {
        ...about,
        received: `${listed.length} ${listed.length === 1 ? 'tool' : 'tools'}${names.length === 0 ? '' : `: ${names.join(', ')}${listed.length > 10 ? ', …' : ''}`}`,
      };
    } catch (error) {
      signal.throwIfAborted();
      return {
        ...about,
        received: describeFailure(walk, since, error),
        findings: [
          explainMcpFailure(walk, since, error, {
            code: 'tools_unavailable',
            message: 'The server does not list its tools',
            fix: 'It may have none (see the capabilities it announces), or fail: see its log.',
          }),
        ],
      };
    }
  },
};
