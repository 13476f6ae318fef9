import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { expect, it, onTestFinished } from 'vitest';
import { authorizedFetch, createTokenSource } from '../../src/client/index.ts';
import {
  createTokenTelemetry,
  TOKEN_NOTICE_COUNTER,
  TOKEN_REQUEST_COUNTER,
  TOKEN_REQUEST_DURATION,
  TOKEN_REQUEST_SPAN,
} from '../../src/opentelemetry/index.ts';
import { failureOf } from '../client/acquisition-failure.ts';
import { CLIENT_ID, createScene, SECRET } from '../client/scene.ts';

async function setUp() {
  const scene = await createScene({ clientScopes: ['deploy:read'] });
  const metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const meterProvider = new MeterProvider({
    readers: [
      new PeriodicExportingMetricReader({ exporter: metricExporter, exportIntervalMillis: 3_600_000 }),
    ],
  });
  const spanExporter = new InMemorySpanExporter();
  const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spanExporter)] });
  onTestFinished(async () => {
    await meterProvider.shutdown();
    await tracerProvider.shutdown();
  });
  const onEvent = createTokenTelemetry({
    meter: meterProvider.getMeter('test'),
    tracer: tracerProvider.getTracer('test'),
  });
  const collect = async () => {
    metricExporter.reset();
    await meterProvider.forceFlush();
    const scopes = metricExporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics);
    return Object.fromEntries(
      scopes.flatMap(({ metrics }) => metrics.map((one) => [one.descriptor.name, one])),
    );
  };
  return { scene, collect, spanExporter, tokens: createTokenSource({ ...scene.options, onEvent }) };
}

it('counts and measures token requests by reason and outcome, without client ids and resources', async () => {
  const { scene, tokens, collect } = await setUp();
  await tokens.getToken();
  scene.authority.advanceSeconds(290);
  await tokens.getToken();
  const { issuer } = scene.authority;
  const metrics = await collect();
  expect(metrics[TOKEN_REQUEST_COUNTER]?.descriptor.name).toBe('mcp.auth.token.requests');
  expect(
    metrics[TOKEN_REQUEST_COUNTER]?.dataPoints.map(({ value, attributes }) => ({ value, attributes })),
  ).toEqual(
    ['cold', 'refresh'].map((reason) => ({
      value: 1,
      attributes: {
        'mcp.auth.token.reason': reason,
        'mcp.auth.token.blocking': true,
        'mcp.auth.outcome': 'success',
        'mcp.auth.issuer': issuer,
      },
    })),
  );
  expect(metrics[TOKEN_REQUEST_DURATION]?.descriptor).toMatchObject({
    name: 'mcp.auth.token.request.duration',
    unit: 's',
  });
  expect(JSON.stringify(metrics)).not.toContain(CLIENT_ID);
  expect(JSON.stringify(metrics)).not.toContain(scene.resource);
});

it('has a span of its own for each, which names the step at which it failed', async () => {
  const { scene, tokens, spanExporter } = await setUp();
  scene.authority.endpoints.token.answerWith({ status: 401, json: { error: 'invalid_client' } });
  await failureOf(tokens.getToken());
  expect(TOKEN_REQUEST_SPAN).toBe('mcp.auth.token.request');
  expect(spanExporter.getFinishedSpans()).toMatchObject([
    {
      name: TOKEN_REQUEST_SPAN,
      kind: SpanKind.CLIENT,
      status: { code: SpanStatusCode.ERROR, message: 'invalid_client' },
      attributes: {
        'mcp.auth.token.reason': 'cold',
        'mcp.auth.outcome': 'failure',
        'error.type': 'invalid_client',
        'mcp.auth.step': 'token_request',
        'mcp.auth.client.id': CLIENT_ID,
        'mcp.auth.resource': scene.resource,
      },
    },
  ]);
});

it('counts what else is told', async () => {
  const { scene, tokens, collect } = await setUp();
  await authorizedFetch(tokens)(`${scene.resource}/deploy:write`);
  const notices = (await collect())[TOKEN_NOTICE_COUNTER];
  expect(notices?.descriptor.name).toBe('mcp.auth.token.notices');
  expect(notices?.dataPoints).toMatchObject([
    { value: 1, attributes: { 'mcp.auth.notice': 'step_up_declined', 'mcp.auth.cause': 'not_granted' } },
  ]);
});

it('S1, S3: reports neither the secret nor a token', async () => {
  const { scene, tokens, collect, spanExporter } = await setUp();
  const { accessToken } = await tokens.getToken();
  scene.authority.endpoints.token.answerWith(({ body }) => ({
    status: 400,
    json: { error: 'invalid_grant', error_description: `${SECRET} ${accessToken} ${body}` },
  }));
  scene.authority.advanceSeconds(400);
  await failureOf(tokens.getToken());
  const spans = spanExporter
    .getFinishedSpans()
    .map(({ name, attributes, status, events }) => [name, attributes, status, events]);
  const everything = JSON.stringify([spans, await collect()]);
  expect(spans).toHaveLength(2);
  for (const part of [SECRET, ...accessToken.split('.')]) expect(everything).not.toContain(part);
});
