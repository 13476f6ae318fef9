import { describe, expect, it } from 'vitest';
import type { Access, AccessOptions } from '../../../src/server/access/access-options.ts';
import { createAccessPolicy, type AccessPolicy } from '../../../src/server/access/access-policy.ts';
import { readOperations } from '../../../src/server/access/operations.ts';
import type { Caller } from '../../../src/server/caller.ts';

/** Of a caller the policy reads these members. */
const caller = (change: Partial<Caller> = {}): Caller =>
  ({ kind: 'machine', subjectKind: 'machine', clientId: 'job', scopes: ['read'], ...change }) as Caller;
const MACHINE = caller();
const USER = caller({ kind: 'user', subjectKind: 'user' });
const AGENT_OF_USER = caller({ kind: 'delegated', subjectKind: 'user' });
const AGENT_OF_MACHINE = caller({ kind: 'delegated', subjectKind: 'machine' });

const call = (name: string, args?: unknown) => ({
  id: 1,
  method: 'tools/call',
  params: { name, arguments: args },
});
const read = (uri: string) => ({ id: 1, method: 'resources/read', params: { uri } });
const judge = (options: AccessOptions, who: Caller, ...messages: object[]) => {
  const operations = readOperations(messages.length === 1 ? messages[0] : messages)?.operations ?? [];
  return createAccessPolicy(options).judge(who, operations);
};
const reason = (...given: Parameters<typeof judge>) => judge(...given)?.reason;

describe('scopes', () => {
  const access = { scopes: ['read'], tools: { deploy: ['write'], drop: { scopes: ['write', 'admin'] } } };

  it('let everybody pass where none are asked for', () => {
    expect(judge({}, caller({ scopes: [] }), call('anything'))).toBeUndefined();
  });

  it('are all named, with those that are missing apart', () => {
    expect(judge(access, MACHINE, call('drop'))).toEqual({
      reason: 'scope_insufficient',
      scopes: ['read', 'write', 'admin'],
      missing: ['write', 'admin'],
    });
  });

  it('of a batch are the union of its members’', () => {
    expect(judge(access, MACHINE, call('deploy'), call('drop'))).toMatchObject({
      scopes: ['read', 'write', 'admin'],
    });
  });

  it('are compared whole and in their own case', () => {
    for (const scope of ['READ', 'read-all', 'rea', 'read,write']) {
      expect(reason(access, caller({ scopes: [scope] }), call('x'))).toBe('scope_insufficient');
    }
  });

  it('that any of suffices are challenged by the first', () => {
    const any = { tools: { deploy: { anyOf: ['write', 'admin'] } } };
    expect(judge(any, caller({ scopes: ['admin'] }), call('deploy'))).toBeUndefined();
    expect(judge(any, MACHINE, call('deploy'))).toMatchObject({ missing: ['write'] });
  });

  it('include others by the hierarchy, followed through and around', () => {
    const scopeHierarchy = { admin: ['write'], write: ['read', 'admin'] };
    expect(judge({ ...access, scopeHierarchy }, caller({ scopes: ['admin'] }), call('drop'))).toBeUndefined();
    expect(reason({ ...access, scopeHierarchy }, caller({ scopes: ['read'] }), call('drop'))).toBe(
      'scope_insufficient',
    );
  });

  it('that are named anywhere are supported, each once and sorted', () => {
    const policy = createAccessPolicy({
      ...access,
      methods: { 'tools/list': ['list'] },
      resources: { 'a://b': ['read'] },
    });
    expect(policy.scopesSupported).toEqual(['admin', 'list', 'read', 'write']);
    expect(policy.baseScopes).toEqual(['read']);
  });
});

describe('the kind of caller', () => {
  const access: AccessOptions = {
    tools: { approve: { scopes: ['approve'], caller: 'user' }, sync: { caller: 'machine' } },
  };

  it('is judged before scopes', () => {
    expect(reason(access, MACHINE, call('approve'))).toBe('user_required');
    expect(reason(access, caller({ scopes: ['approve'] }), call('approve'))).toBe('user_required');
    expect(reason(access, USER, call('approve'))).toBe('scope_insufficient');
  });

  it('user admits who acts for a person, and never who acts for a machine', () => {
    const scopes = ['approve'];
    expect(judge(access, { ...AGENT_OF_USER, scopes }, call('approve'))).toBeUndefined();
    expect(reason(access, { ...AGENT_OF_MACHINE, scopes }, call('approve'))).toBe('user_required');
  });

  it('machine admits machines for themselves alone', () => {
    expect(judge(access, MACHINE, call('sync'))).toBeUndefined();
    for (const who of [USER, AGENT_OF_USER, AGENT_OF_MACHINE])
      expect(reason(access, who, call('sync'))).toBe('machine_required');
  });

  it('of one member refuses a whole batch, wherever it stands', () => {
    expect(reason(access, MACHINE, call('sync'), call('approve'))).toBe('user_required');
    expect(reason(access, MACHINE, call('approve'), call('sync'))).toBe('user_required');
  });

  it('can be a list', () => {
    const exact: AccessOptions = { tools: { deploy: { caller: ['user'] } } };
    expect(judge(exact, USER, call('deploy'))).toBeUndefined();
    expect(reason(exact, AGENT_OF_USER, call('deploy'))).toBe('operation_not_allowed');
    expect(reason(exact, MACHINE, call('deploy'))).toBe('user_required');
  });
});

describe('lists', () => {
  it('that are closed refuse what is not on them', () => {
    const closed: AccessOptions = { tools: { deploy: [] }, unlistedTools: 'refuse' };
    expect(judge(closed, MACHINE, call('deploy'))).toBeUndefined();
    for (const name of ['other', 'Deploy', 'deploy ', '__proto__', 'constructor']) {
      expect(reason(closed, MACHINE, call(name))).toBe('operation_not_allowed');
    }
    expect(judge(closed, MACHINE, { id: 1, method: 'tools/list' })).toBeUndefined();
  });

  it('of clients restrict these clients', () => {
    const restricted: AccessOptions = {
      clients: { job: { tools: ['deploy'], resources: ['docs://{name}'] } },
    };
    expect(judge(restricted, MACHINE, call('deploy'))).toBeUndefined();
    expect(reason(restricted, MACHINE, call('drop'))).toBe('operation_not_allowed');
    expect(judge(restricted, caller({ clientId: 'other' }), call('drop'))).toBeUndefined();
    expect(reason(restricted, MACHINE, read('logs://x'))).toBe('operation_not_allowed');
  });

  it('of resources match by template, in resolved form', () => {
    const access: AccessOptions = {
      resources: { 'docs://host/secret/{name}': ['secret'], 'docs://host/all/{+path}': ['all'] },
    };
    expect(reason(access, MACHINE, read('docs://host/secret/a'))).toBe('scope_insufficient');
    expect(reason(access, MACHINE, read('docs://host/public/%2e%2e/secret/a'))).toBe('scope_insufficient');
    expect(judge(access, MACHINE, read('docs://host/secret/a/b'))).toBeUndefined();
    expect(reason(access, MACHINE, read('docs://host/all/a/b'))).toBe('scope_insufficient');
  });

  it('of methods add to what the tool asks for', () => {
    const access: AccessOptions = { methods: { 'tools/call': ['call'] }, tools: { deploy: ['write'] } };
    expect(judge(access, MACHINE, call('deploy'))).toMatchObject({ scopes: ['call', 'write'] });
  });
});

describe('rules', () => {
  const rule = (answer: (call: { arguments: unknown }) => unknown): AccessOptions =>
    ({ tools: { deploy: { rule: answer } } }) as AccessOptions;

  it('decide by the arguments', () => {
    const access = rule(
      ({ arguments: args }) => (args as { to: string }).to === 'staging' || { scopes: ['production'] },
    );
    expect(judge(access, MACHINE, call('deploy', { to: 'staging' }))).toBeUndefined();
    expect(judge(access, MACHINE, call('deploy', { to: 'live' }))).toMatchObject({ missing: ['production'] });
  });

  it.each([
    ['false', () => false],
    ['nothing', () => undefined],
    ['a promise', () => Promise.resolve(true)],
    ['a truthy value', () => 1],
    ['a requirement that is none', () => ({ scope: ['x'] })],
    [
      'an error',
      () => {
        throw new Error('broken rule');
      },
    ],
    [
      'itself, without end',
      function again() {
        return { rule: again };
      },
    ],
  ])('that answer with %s refuse', (_, answer) => {
    expect(reason(rule(answer), MACHINE, call('deploy'))).toBe('operation_not_allowed');
  });

  it('may ask for a person, which is said before anything else', () => {
    expect(
      reason(
        rule(() => ({ caller: 'user', scopes: ['x'] })),
        MACHINE,
        call('deploy'),
      ),
    ).toBe('user_required');
  });
});

describe('a policy that is wrong', () => {
  it.each([
    [{ scope: ['read'] }, /^access: unknown option "scope", did you mean "scopes"/],
    [{ scopes: 'read' }, /^access\.scopes must be an array/],
    [{ scopes: ['read write'] }, /^access\.scopes contains "read write"/],
    [{ tools: ['deploy'] }, /^access\.tools must be an object/],
    [{ tools: { deploy: 'write' } }, /^access\.tools\.deploy/],
    [{ tools: { deploy: { scope: ['x'] } } }, /^access\.tools\.deploy: unknown option "scope"/],
    [{ tools: { deploy: { caller: 'person' } } }, /^access\.tools\.deploy\.caller must be/],
    [{ tools: { deploy: { caller: [] } } }, /^access\.tools\.deploy\.caller must be/],
    [{ tools: { deploy: { rule: true } } }, /^access\.tools\.deploy\.rule must be a function/],
    [{ unlistedTools: 'deny' }, /^access\.unlistedTools must be/],
    [{ resources: { 'docs://{?q}': [] } }, /^access\.resources.*only the expressions/],
    [{ scopeHierarchy: { admin: 'write' } }, /^access\.scopeHierarchy\.admin must be an array/],
    [{ clients: { job: { tool: [] } } }, /^access\.clients\.job: unknown option "tool"/],
  ])('is refused by name: %j', (options, message) => {
    expect(() => createAccessPolicy(options as AccessOptions)).toThrow(TypeError);
    expect(() => createAccessPolicy(options as AccessOptions)).toThrow(message);
  });
});

describe('a policy that requires more', () => {
  const access: AccessOptions = {
    scopes: ['read'],
    tools: { deploy: ['write'], closed: { clients: ['other'] } },
    scopeHierarchy: { admin: ['audit'] },
  };
  const requiring = (...requirements: readonly Access[]) =>
    requirements.reduce<AccessPolicy>(
      (policy, requirement) => policy.requiring(requirement, 'test'),
      createAccessPolicy(access),
    );
  const judgeBy = (policy: AccessPolicy, who: Caller, ...messages: object[]) =>
    policy.judge(
      who,
      messages.flatMap((message) => readOperations(message)?.operations ?? []),
    );

  it('asks for it beside what it asks for anyway, and names all of it', () => {
    expect(judgeBy(requiring(['audit']), MACHINE, call('deploy'))).toEqual({
      reason: 'scope_insufficient',
      scopes: ['read', 'audit', 'write'],
      missing: ['audit', 'write'],
    });
    expect(
      judgeBy(requiring(['audit']), caller({ scopes: ['read', 'admin', 'write'] }), call('deploy')),
    ).toBeUndefined();
  });

  it('asks a request without a body for it too', () => {
    expect(judgeBy(requiring(['audit']), MACHINE)).toMatchObject({ missing: ['audit'] });
    expect(judgeBy(requiring({ caller: 'user' }), MACHINE)).toMatchObject({ reason: 'user_required' });
    expect(judgeBy(requiring({ clients: ['other'] }), MACHINE)).toMatchObject({
      reason: 'operation_not_allowed',
    });
    expect(judgeBy(requiring({ rule: () => false }), MACHINE)).toMatchObject({
      reason: 'operation_not_allowed',
    });
    expect(judgeBy(requiring({ caller: 'machine' }), MACHINE)).toBeUndefined();
  });

  it('asks every message for it, answers of the client included', () => {
    const answer = { jsonrpc: '2.0', id: 1, result: {} };
    expect(judgeBy(requiring({ caller: 'user' }), MACHINE, answer)).toMatchObject({
      reason: 'user_required',
    });
    expect(judgeBy(requiring({ caller: 'user' }), USER, answer)).toBeUndefined();
  });

  it('tells a machine that a person is needed, even where the operation is closed to it', () => {
    const closed = createAccessPolicy({ unlistedTools: 'refuse' }).requiring({ caller: 'user' }, 'test');
    expect(judgeBy(closed, MACHINE, call('anything'))).toMatchObject({ reason: 'user_required' });
    expect(judgeBy(closed, USER, call('anything'))).toMatchObject({ reason: 'operation_not_allowed' });
  });

  it('adds up, names one of any, and leaves the policy it came from as it was', () => {
    const policy = createAccessPolicy(access);
    const further = policy.requiring(['audit'], 'test').requiring({ anyOf: ['a', 'b'] }, 'test');
    expect(further.baseScopes).toEqual(['read', 'audit', 'a']);
    expect(judgeBy(further, caller({ scopes: ['read', 'audit', 'b'] }))).toBeUndefined();
    expect(judgeBy(further, caller({ scopes: ['read', 'audit'] }))).toMatchObject({ missing: ['a'] });
    expect(policy.baseScopes).toEqual(['read']);
    expect(judgeBy(policy, MACHINE)).toBeUndefined();
  });

  it('refuses a requirement that is none, by the name it was given', () => {
    expect(() => requiring({ scope: ['audit'] } as object)).toThrow(/^test: unknown option "scope"/);
    expect(() => requiring(['a b'])).toThrow(/^test contains "a b", which is not one scope/);
  });
});
