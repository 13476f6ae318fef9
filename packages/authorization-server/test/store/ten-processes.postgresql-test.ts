import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { afterEach, expect, it } from 'vitest';

import { createTestDatabase } from '../databases.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

it('ten processes that start at once on one empty PostgreSQL database all serve, and its tables are created once', async () => {
  const { location, remove } = await createTestDatabase();
  for (let i = 0; i < 10; i++) {
    children.push(fork(new URL('./migrating-process.ts', import.meta.url), [location]));
  }
  await Promise.all(children.map(async (child) => await once(child, 'message')));
  const answers = children.map(async (child) => {
    const answered = once(child, 'message');
    const ended = once(child, 'exit');
    child.send('go');
    const [[answer], [exitCode]] = await Promise.all([answered, ended]);
    return { answer: answer as unknown, exitCode: exitCode as unknown };
  });
  const version = expect.any(Number) as number;
  expect(await Promise.all(answers)).toEqual(
    Array.from({ length: 10 }, () => ({ answer: { version }, exitCode: 0 })),
  );
  await remove();
});
