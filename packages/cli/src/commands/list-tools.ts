import type { Client } from '@modelcontextprotocol/client';

/** A tool as the server describes it. */
export type Tool = Awaited<ReturnType<Client['listTools']>>['tools'][number];

const MOST_PAGES = 100;

/** Lists the tools of a connected server, all pages of them. */
export async function listTools(client: Client): Promise<readonly Tool[]> {
  const tools: Tool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const listed = await client.listTools(cursor === undefined ? {} : { cursor });
    tools.push(...listed.tools);
    cursor = listed.nextCursor;
    if (cursor === undefined) break;
  }
  return tools;
}
