import { brokenConnections } from 'broken-connections';
import { describe, expect, it } from 'vitest';

import { diagnose, exitCodeOf, formatTree } from '../src/index.ts';
import { optionsOf } from './options-of.ts';

describe('a broken connection', () => {
  it.each(brokenConnections.map((connection) => [connection.title, connection] as const))(
    '%s',
    async (_title, { start, verdict, says, works = false }) => {
      await using connection = await start();
      const diagnosis = await diagnose(optionsOf(connection.settings));
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
