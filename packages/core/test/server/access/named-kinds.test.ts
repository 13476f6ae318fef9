import { expect, it } from 'vitest';
import { createAccessPolicy, type AccessPolicy } from '../../../src/server/access/access-policy.ts';
import type { AccessOptions } from '../../../src/server/access/access-options.ts';

const kindsOf = (options: AccessOptions): string[] => [...createAccessPolicy(options).namedKinds].toSorted();

it.each<[string, AccessOptions, AccessPolicy['namedKinds'] extends ReadonlySet<infer K> ? K[] : never]>([
  ['no rules', { scopes: ['read'] }, []],
  ['a rule for a method', { methods: { 'tools/call': ['write'] } }, []],
  ['a rule for a tool', { tools: { deploy: ['write'] } }, ['tool']],
  ['a rule for a resource', { resources: { 'docs://{name}': ['write'] } }, ['resource']],
  ['a rule for a prompt', { prompts: { summary: ['write'] } }, ['prompt']],
  ['a closed list', { unlistedPrompts: 'refuse' }, ['prompt']],
  ['a restriction of one client', { clients: { bot: { tools: ['list'] } } }, ['tool']],
])('a policy with %s needs names of no more than that', (_, options, kinds) => {
  expect(kindsOf(options)).toEqual(kinds);
});
