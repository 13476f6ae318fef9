import { startScene } from 'broken-connections';
import { expect, it } from 'vitest';

import { diagnose, formatTree, type DiagnosisStep } from '../src/index.ts';
import { optionsOf } from './options-of.ts';

it('a connection that works is walked to its tools, step by step', async () => {
  await using connection = await startScene();
  const seen: DiagnosisStep[] = [];
  const diagnosis = await diagnose({
    ...optionsOf(connection.settings),
    onStep: (step) => seen.push(step),
  });
  expect(diagnosis.outcome, formatTree(diagnosis)).toBe('healthy');
  expect(diagnosis.verdict).toBeUndefined();
  expect(seen).toEqual(diagnosis.steps);
  expect(diagnosis.steps.map(({ name, status }) => [name, status])).toEqual([
    ['connection', 'passed'],
    ['challenge', 'passed'],
    ['protected_resource_metadata', 'passed'],
    ['authorization_server_metadata', 'passed'],
    ['grant', 'passed'],
    ['token_request', 'passed'],
    ['token', 'passed'],
    ['handshake', 'passed'],
    ['tools', 'passed'],
    ['tool_call', 'skipped'],
  ]);
  expect(diagnosis.tools?.map(({ name }) => name)).toEqual([
    'list_deployments',
    'start_deployment',
    'approve_production',
  ]);
});

it('both revisions of the protocol are tried', async () => {
  await using connection = await startScene();
  const { steps } = await diagnose(optionsOf(connection.settings));
  const handshake = steps.find(({ name }) => name === 'handshake');
  expect(handshake?.received).toBe('2026-07-28: deploy-desk 1.0.0; 2025-11-25: deploy-desk 1.0.0');
});

it('without a credential, what can be looked at is looked at, and what is missing is said', async () => {
  await using connection = await startScene();
  const diagnosis = await diagnose({ url: connection.settings.url });
  expect(diagnosis.outcome).toBe('incomplete');
  expect(diagnosis.steps.flatMap(({ findings }) => findings).map(({ code }) => code)).toEqual([
    'credential_needed',
  ]);
});

it('a tool that is named is called', async () => {
  await using connection = await startScene({ client: () => ({ tool: { name: 'list_deployments' } }) });
  const { steps, outcome } = await diagnose(optionsOf(connection.settings));
  expect(outcome).toBe('healthy');
  expect(steps.at(-1)).toMatchObject({ name: 'tool_call', status: 'passed', received: 'a result' });
});

it('a signal ends the walk', async () => {
  await using connection = await startScene();
  const controller = new AbortController();
  const walk = diagnose({
    ...optionsOf(connection.settings),
    signal: controller.signal,
    onStep: () => controller.abort(new Error('enough')),
  });
  await expect(walk).rejects.toThrow('enough');
});

it('a credential goes to the issuer that it belongs to, and to nobody an MCP server names', async () => {
  await using connection = await startScene();
  const { issuer: _issuer, ...options } = optionsOf(connection.settings);
  await expect(diagnose(options)).rejects.toThrow(/issuer must name the authorization server/);
});
