import { context, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
  type MetricData,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { createTestAuthority, type TestAuthority } from '@mcp-m2m/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createDecisionTelemetry,
  DECISION_COUNTER,
  DECISION_DURATION,
  DECISION_SPAN,
} from '../../src/opentelemetry/index.ts';
import { createResourceServer, type Decision, type ResourceServer } from '../../src/server/index.ts';

const RESOURCE = 'https://mcp.example.com/mcp';

let authority: TestAuthority;
let metricExporter: InMemoryMetricExporter;
let meterProvider: MeterProvider;
let spanExporter: InMemorySpanExporter;
let tracerProvider: BasicTracerProvider;

beforeEach(async () => {
  authority = await createTestAuthority({ audience: RESOURCE, scope: 'read', clientId: 'job' });
  metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  meterProvider = new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 }),
    ],
  });
  spanExporter = new InMemorySpanExporter();
  tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spanExporter)] });
});

afterEach(async () => {
  await meterProvider.shutdown();
  await tracerProvider.shutdown();
  await authority.close();
});

const start = (onDecision: (decision: Decision) => void): ResourceServer =>
  createResourceServer({
    resource: RESOURCE,
    authorizationServers: [authority.issuer],
    access: { scopes: ['read'], tools: { deploy: ['write'] } },
    timeoutMilliseconds: 300,
    now: authority.now,
    onDecision,
  });

const startWithTelemetry = (): ResourceServer =>
  start(
    createDecisionTelemetry({
      meter: meterProvider.getMeter('test'),
      tracer: tracerProvider.getTracer('test'),
    }),
  );

async function decide(server: ResourceServer, token: string, tool = 'whoami'): Promise<void> {
  const headers = { authorization: `Bearer ${token}` };
  const authenticated = await server.authenticate({ method: 'POST', url: '/mcp', headers });
  if (authenticated.ok)
    authenticated.authorize({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: tool } });
}

async function collect(): Promise<Record<string, MetricData>> {
  metricExporter.reset();
  await meterProvider.forceFlush();
  const scopes = metricExporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
  return Object.fromEntries(
    scopes.flatMap(({ metrics: data }) => data.map((one) => [one.descriptor.name, one])),
  );
}

describe('the metrics', () => {
  it('count decisions by outcome, reason, kind of caller and issuer', async () => {
    const server = startWithTelemetry();
    await decide(server, authority.mint());
    await decide(server, authority.mint());
    await decide(server, authority.mint(), 'deploy');
    await decide(server, 'nonsense');
    const counter = (await collect())[DECISION_COUNTER];
    expect(counter?.descriptor).toMatchObject({ name: 'mcp.auth.decisions', unit: '{request}' });
    const machine = { 'mcp.auth.caller.kind': 'machine', 'mcp.auth.issuer': authority.issuer };
    expect(counter?.dataPoints.map(({ value, attributes }) => ({ value, attributes }))).toEqual([
      { value: 2, attributes: { 'mcp.auth.outcome': 'allowed', ...machine } },
      {
        value: 1,
        attributes: { 'mcp.auth.outcome': 'refused', 'error.type': 'scope_insufficient', ...machine },
      },
      { value: 1, attributes: { 'mcp.auth.outcome': 'refused', 'error.type': 'token_malformed' } },
    ]);
  });

  it('measure how long decisions took, in seconds', async () => {
    const listener = createDecisionTelemetry({ meter: meterProvider.getMeter('test') });
    listener(decision({ durationMilliseconds: 2 }));
    listener(decision({ durationMilliseconds: 750 }));
    const histogram = (await collect())[DECISION_DURATION];
    expect(histogram?.descriptor).toMatchObject({ name: 'mcp.auth.decision.duration', unit: 's' });
    const [point] = histogram?.dataPoints ?? [];
    expect(point?.value).toMatchObject({ count: 2, sum: 0.752, min: 0.002, max: 0.75 });
    expect(point?.value).toMatchObject({
      buckets: { boundaries: expect.arrayContaining([0.00001, 0.001, 5]) },
    });
  });

  it('hold neither client ids nor operations, of which there is no end', async () => {
    const server = startWithTelemetry();
    await decide(server, authority.mint({ sub: 'canary-client', client_id: 'canary-client' }), 'canary-tool');
    expect(JSON.stringify(await collect())).not.toContain('canary');
  });
});

describe('the spans', () => {
  it('tell one decision each, as long as it took', async () => {
    const server = startWithTelemetry();
    await decide(server, authority.mint());
    const [span] = spanExporter.getFinishedSpans();
    expect(span).toMatchObject({
      name: DECISION_SPAN,
      kind: SpanKind.INTERNAL,
      status: { code: SpanStatusCode.UNSET },
      attributes: {
        'mcp.auth.outcome': 'allowed',
        'mcp.auth.caller.kind': 'machine',
        'mcp.auth.issuer': authority.issuer,
        'mcp.auth.client.id': 'job',
        'mcp.auth.operations': ['tools/call whoami'],
      },
    });
    expect(span?.name).toBe('mcp.auth.decide');
  });

  it('last as long as the decision', () => {
    createDecisionTelemetry({ tracer: tracerProvider.getTracer('test') })(
      decision({ durationMilliseconds: 250 }),
    );
    const [span] = spanExporter.getFinishedSpans();
    const milliseconds = (span?.duration[0] ?? 0) * 1000 + (span?.duration[1] ?? 0) / 1_000_000;
    expect(milliseconds).toBeCloseTo(250, 3);
    expect(span?.endTime[0]).toBeCloseTo(Date.now() / 1000, -2);
  });

  it('of refusals name reason and status, and are no errors', async () => {
    const server = startWithTelemetry();
    await decide(server, 'nonsense');
    expect(spanExporter.getFinishedSpans()[0]).toMatchObject({
      status: { code: SpanStatusCode.UNSET },
      attributes: {
        'error.type': 'token_malformed',
        'http.response.status_code': 401,
        'mcp.auth.operations': [],
      },
    });
  });

  it('of what could not be decided are errors', async () => {
    const server = startWithTelemetry();
    authority.goDown();
    await decide(server, authority.mint());
    expect(spanExporter.getFinishedSpans()[0]).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'issuer_unavailable' },
      attributes: { 'error.type': 'issuer_unavailable', 'http.response.status_code': 503 },
    });
  });
});

describe('what is reported', () => {
  it('S3: holds no part of a token, whatever was decided', async () => {
    const server = startWithTelemetry();
    const tokens = [
      authority.mint(),
      authority.mint({ aud: 'https://other.example' }),
      authority.mint({}, { typ: 'JWT' }),
      `${authority.mint().slice(0, -20)}${'A'.repeat(20)}`,
      'canary_3f9Qz7XbW0aKcV5mN8pRtY2uL6sDhG4j',
    ];
    for (const token of tokens) await decide(server, token);
    const spans = spanExporter.getFinishedSpans().map(({ name, attributes, status, events }) => ({
      name,
      attributes,
      status,
      events,
    }));
    expect(spans).toHaveLength(tokens.length);
    const everything = JSON.stringify([spans, await collect()]);
    for (const part of tokens.flatMap((token) => token.split('.'))) expect(everything).not.toContain(part);
  });
});

describe('the global providers', () => {
  afterEach(() => {
    metrics.disable();
    trace.disable();
    context.disable();
  });

  it('are used without options, also when they are registered after the listener was made', async () => {
    const server = start(createDecisionTelemetry());
    metrics.setGlobalMeterProvider(meterProvider);
    trace.setGlobalTracerProvider(tracerProvider);
    await decide(server, authority.mint());
    expect((await collect())[DECISION_COUNTER]?.dataPoints).toHaveLength(1);
    expect(spanExporter.getFinishedSpans()).toHaveLength(1);
    const scopes = metricExporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
    expect(scopes.map(({ scope }) => scope.name)).toEqual(['@mcp-m2m/core']);
  });

  it('may be absent: nothing is reported, and nothing fails', async () => {
    const server = start(createDecisionTelemetry());
    await decide(server, authority.mint());
    expect(spanExporter.getFinishedSpans()).toEqual([]);
  });
});

function decision(change: Partial<Decision>): Decision {
  return {
    outcome: 'allowed',
    reason: undefined,
    status: undefined,
    expected: undefined,
    received: undefined,
    issuer: undefined,
    clientId: undefined,
    callerKind: undefined,
    operations: [],
    durationMilliseconds: 1,
    ...change,
  };
}
