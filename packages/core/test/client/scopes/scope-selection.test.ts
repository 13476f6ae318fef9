import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createScopeSelection } from '../../../src/client/scopes/scope-selection.ts';

const scopes = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'offline_access'));

describe('the selection of scopes', () => {
  it('follows the challenge before the metadata, and the metadata before nothing', () => {
    const selection = createScopeSelection(undefined, Date.now);
    expect(selection.select([], undefined)).toEqual([]);
    expect(selection.select([], ['a', 'b', 'offline_access'])).toEqual(['a', 'b']);
    expect(selection.select(['b'], ['a', 'b'])).toEqual(['b']);
    selection.noteChallenge(['c'], []);
    expect(selection.select(['b'], ['a', 'b'])).toEqual(['c']);
  });

  it('withdraws the metadata once, and only where the last selection rests on it', () => {
    const selection = createScopeSelection(undefined, Date.now);
    expect(selection.withdrawGuess()).toBe(false);
    for (const [challenged, supported] of [
      [[], undefined],
      [[], []],
      [[], ['offline_access']],
      [['a'], ['a', 'b']],
    ] as const) {
      selection.select([], ['a', 'b']);
      selection.select(challenged, supported);
      expect(selection.withdrawGuess()).toBe(false);
    }
    selection.select([], ['a', 'b']);
    expect(selection.withdrawGuess()).toBe(true);
    expect(selection.select([], ['a', 'b'])).toEqual([]);
    expect(selection.withdrawGuess()).toBe(false);
    expect(selection.select(['a'], ['a', 'b'])).toEqual(['a']);
  });

  it('does not withdraw what would change nothing, as step-ups have brought it all', () => {
    const selection = createScopeSelection(undefined, Date.now);
    selection.noteGranted(['a', 'b']);
    expect(selection.select([], ['a'])).toEqual(['a', 'b']);
    expect(selection.withdrawGuess()).toBe(false);
    expect(selection.select([], ['c'])).toEqual(['c', 'a', 'b']);
    expect(selection.withdrawGuess()).toBe(true);
    expect(selection.select([], ['c'])).toEqual(['a', 'b']);
  });

  it('requests nothing under an empty ceiling', () => {
    expect(createScopeSelection([], Date.now).select(['a'], ['a'])).toEqual([]);
  });

  it('never exceeds the ceiling, whatever the resource says and in whatever order', () => {
    const step = fc.record({ kind: fc.constantFrom('challenge', 'step up', 'grant'), scopes });
    fc.assert(
      fc.property(scopes, scopes, scopes, fc.array(step), (ceiling, challenged, supported, steps) => {
        const selection = createScopeSelection(ceiling, Date.now);
        const allowed: readonly string[] = ceiling;
        const within = (list: readonly string[]) => list.every((scope) => allowed.includes(scope));
        for (const { kind, scopes: named } of steps) {
          const requested = selection.select(challenged, supported);
          expect(within(requested)).toBe(true);
          expect(selection.withdrawGuess()).toBe(false);
          if (kind === 'challenge') selection.noteChallenge(named, requested);
          const plan = selection.planStepUp(named, requested);
          if (plan.kind !== 'request') continue;
          expect(within(plan.scopes)).toBe(true);
          expect(requested.every((scope) => plan.scopes.includes(scope))).toBe(true);
          if (kind === 'grant') selection.noteGranted(plan.scopes);
          const kept = kind === 'grant' ? plan.scopes : [];
          expect(kept.every((scope) => selection.select(challenged, supported).includes(scope))).toBe(true);
        }
      }),
    );
  });

  it('requests no more than 8,192 characters, unless the operator has configured them', () => {
    const many = Array.from({ length: 100 }, (_, index) => `scope:${index}:${'x'.repeat(100)}`);
    const selection = createScopeSelection(undefined, Date.now);
    expect(selection.planStepUp(many, [])).toEqual({ kind: 'declined', cause: 'too_many_scopes' });
    selection.noteGranted(many);
    expect(selection.select([], ['a'])).toEqual(['a']);
    selection.noteChallenge(['b'], many);
    expect(selection.select([], ['a'])).toEqual(['b']);
    const configured = createScopeSelection(many, Date.now);
    expect(configured.planStepUp(many, [])).toEqual({ kind: 'request', scopes: many });
    configured.noteGranted(many);
    expect(configured.select([], many.slice(0, 1))).toEqual(many);
  });

  it('remembers the last five hundred refusals', () => {
    const selection = createScopeSelection(undefined, Date.now);
    const declined = { kind: 'declined', cause: 'refused_before' };
    selection.noteRefused(['a']);
    for (let count = 0; count < 499; count++) selection.noteRefused([`scope:${count}`]);
    expect(selection.planStepUp(['a'], [])).toEqual(declined);
    selection.noteRefused(['b']);
    expect(selection.planStepUp(['a'], []).kind).toBe('request');
    expect(selection.planStepUp(['scope:0'], [])).toEqual(declined);
  });

  it('forgets a refusal after ten minutes, and after twice as long the next time', () => {
    let now = 0;
    const selection = createScopeSelection(undefined, () => now);
    const declined = { kind: 'declined', cause: 'refused_before' };
    selection.noteRefused(['a']);
    expect(selection.planStepUp(['a', 'b'], [])).toEqual(declined);
    expect(selection.planStepUp(['b'], [])).toEqual({ kind: 'request', scopes: ['b'] });
    now = 600_000;
    expect(selection.planStepUp(['a'], [])).toEqual({ kind: 'request', scopes: ['a'] });
    selection.noteRefused(['a']);
    now += 1_199_999;
    expect(selection.planStepUp(['a'], [])).toEqual(declined);
    now += 1;
    expect(selection.planStepUp(['a'], []).kind).toBe('request');
    for (let times = 0; times < 50; times++) selection.noteRefused(['a']);
    now += 86_400_000;
    expect(selection.planStepUp(['a'], []).kind).toBe('request');
  });
});
