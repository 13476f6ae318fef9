import { describe, expect, it } from 'vitest';
import { createSessionRegistry } from '../../src/server/session-registry.ts';

describe('createSessionRegistry', () => {
  it('ties a session to the first principal', () => {
    const sessions = createSessionRegistry();
    sessions.bind('s', 'alice');
    sessions.bind('s', 'mallory');
    expect([sessions.belongsToAnother('s', 'alice'), sessions.belongsToAnother('s', 'mallory')]).toEqual([
      false,
      true,
    ]);
  });

  it('knows nothing of a session that was not bound', () => {
    expect(createSessionRegistry().belongsToAnother('s', 'alice')).toBe(false);
  });

  it.each(['__proto__', 'constructor', '', 'x'.repeat(5000)])('keeps a session called %.20j', (id) => {
    const sessions = createSessionRegistry();
    expect(sessions.belongsToAnother(id, 'mallory')).toBe(false);
    sessions.bind(id, 'alice');
    expect(sessions.belongsToAnother(id, 'mallory')).toBe(true);
  });

  it('forgets the least recently used ones when there are too many', () => {
    const sessions = createSessionRegistry({ maxSessions: 3 });
    for (const id of ['a', 'b', 'c']) sessions.bind(id, `owner of ${id}`);
    sessions.belongsToAnother('a', 'owner of a');
    sessions.bind('d', 'owner of d');
    expect(['a', 'b', 'c', 'd'].map((id) => sessions.belongsToAnother(id, 'mallory'))).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  it('is not kept busy by somebody else’s questions: those do not count as use', () => {
    const sessions = createSessionRegistry({ maxSessions: 2 });
    sessions.bind('a', 'alice');
    sessions.bind('b', 'bob');
    sessions.belongsToAnother('a', 'mallory');
    sessions.bind('c', 'carol');
    expect(sessions.belongsToAnother('a', 'mallory')).toBe(false);
    expect(sessions.belongsToAnother('b', 'mallory')).toBe(true);
  });

  it('lets nobody push out the sessions of others by opening many', () => {
    const sessions = createSessionRegistry({ maxSessions: 100, maxSessionsOfOne: 10 });
    sessions.bind('of alice', 'alice');
    for (let index = 0; index < 1000; index++) sessions.bind(`s${index}`, 'mallory');
    expect(sessions.belongsToAnother('of alice', 'mallory')).toBe(true);
    expect(sessions.belongsToAnother('s0', 'bob')).toBe(false);
    expect([989, 990, 999].map((index) => sessions.belongsToAnother(`s${index}`, 'bob'))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('forgets the least recently used one of a principal that has too many', () => {
    const sessions = createSessionRegistry({ maxSessionsOfOne: 2 });
    sessions.bind('a', 'alice');
    sessions.bind('b', 'alice');
    sessions.belongsToAnother('a', 'alice');
    sessions.bind('c', 'alice');
    expect(['a', 'b', 'c'].map((id) => sessions.belongsToAnother(id, 'mallory'))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('is bounded in characters too', () => {
    const sessions = createSessionRegistry({ maxCharacters: 1000 });
    sessions.bind('short', 'alice');
    sessions.bind('x'.repeat(990), 'bob');
    expect(sessions.belongsToAnother('short', 'mallory')).toBe(true);
    sessions.bind('y'.repeat(990), 'carol');
    expect(sessions.belongsToAnother('short', 'mallory')).toBe(false);
    expect(sessions.belongsToAnother('x'.repeat(990), 'mallory')).toBe(false);
    expect(sessions.belongsToAnother('y'.repeat(990), 'mallory')).toBe(true);
    sessions.bind('z'.repeat(1001), 'dave');
    expect(sessions.belongsToAnother('z'.repeat(1001), 'mallory')).toBe(false);
  });
});
