import { describe, expect, it } from 'vitest';
import { listFiles, readText } from './workspace.ts';

const tests = listFiles('packages/authorization-server/test/*test.ts').map((file) => readText(file));

/** `1-3` stands for 1, 2 and 3. */
function numbered(letter: string, numbers: string): readonly string[] {
  return numbers.split(' ').flatMap((range) => {
    const [first = 0, last = first] = range.split('-').map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => `${letter}${first + index}`);
  });
}

describe('the tests of the authorization server', () => {
  // A: token requests and assertions. D: proofs; 28 and 29 are about clients, and tested in core.
  it.each([
    ...numbered('A', '1-2 4-10 12-15 17 19-20 22-31'),
    ...numbered('D', '1 3-10 12-15 17-20 23-24 26'),
  ])('name the hostile case %s', (id) => {
    expect(
      tests.some((text) => new RegExp(`(?:it|each|\\[)[^\\n]*\\b${id}\\b|['\`, ]${id}: `).test(text)),
    ).toBe(true);
  });
});
