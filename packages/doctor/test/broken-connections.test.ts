import { brokenConnections, hostedIdentityProviders, type StartedConnection } from 'broken-connections';
import { describe, expect, it } from 'vitest';

import { diagnose, exitCodeOf, formatTree, type DiagnoseOptions } from '../src/index.ts';
import { optionsOf } from './options-of.ts';

describe('a broken connection', () => {
  it.each([...brokenConnections, ...hostedIdentityProviders].map((entry) => [entry.title, entry] as const))(
    '%s',
    async (_title, { start, verdict, says, works = false }) => {
      const started: StartedConnection & Pick<DiagnoseOptions, 'fetch'> = await start();
      await using connection = started;
      const diagnosis = await diagnose({ ...optionsOf(connection.settings), fetch: connection.fetch });
      const tree = formatTree(diagnosis, { verbose: true });
      expect(diagnosis.verdict?.code, tree).toBe(verdict);
      expect(`${diagnosis.verdict?.message} ${diagnosis.verdict?.fix}`).toMatch(says);
      expect(diagnosis.outcome, tree).toBe(works ? 'healthy' : 'broken');
      expect(exitCodeOf(diagnosis)).toBe(works ? 0 : 1);
      for (const secret of connection.secrets) {
        expect(tree).not.toContain(secret);
        expect(JSON.stringify(diagnosis)).not.toContain(secret);
      }
    },
  );
});

it('every broken connection has an id and a title of its own', () => {
  const entries = [...brokenConnections, ...hostedIdentityProviders];
  for (const key of ['id', 'title'] as const) {
    expect(new Set(entries.map((entry) => entry[key])).size).toBe(entries.length);
  }
});
