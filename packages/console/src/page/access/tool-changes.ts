import type { AdminSchemas, ConsoleSchemas } from '../api/calls.ts';

type KnownTool = NonNullable<AdminSchemas['Resource']['tools']>[number];
type FoundTool = ConsoleSchemas['Tool'];

/** What is different between the tools that scopes were given to, and those that the server has. */
export interface ToolChanges {
  /** New ones, which any caller with the scopes of every request may use until they have scopes of their own. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Those that the server describes in other words than before. */
  readonly described: readonly string[];
}

/** Compares the tools that are registered with those that a test has found. */
export function compareTools(known: readonly KnownTool[], found: readonly FoundTool[]): ToolChanges {
  const before = new Map(known.map((tool) => [tool.name, tool]));
  const now = new Map(found.map((tool) => [tool.name, tool]));
  return {
    added: [...now.keys()].filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !now.has(name)),
    described: [...now.values()]
      .filter(({ name, description }) => {
        const tool = before.get(name);
        return tool !== undefined && (tool.description ?? '') !== (description ?? '');
      })
      .map(({ name }) => name),
  };
}

/** Whether anything is different. */
export function hasChanges({ added, removed, described }: ToolChanges): boolean {
  return added.length + removed.length + described.length > 0;
}

/** The tools as they are found, with the scopes that they had. */
export function mergeTools(known: readonly KnownTool[], found: readonly FoundTool[]): KnownTool[] {
  const before = new Map(known.map((tool) => [tool.name, tool.scopes]));
  return found.map(({ name, description }) => ({
    name,
    ...(description === undefined || description === '' ? {} : { description }),
    scopes: before.get(name) ?? [],
  }));
}
