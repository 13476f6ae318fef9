import {
  metrics,
  SpanStatusCode,
  trace,
  type Attributes,
  type Meter,
  type SpanKind,
  type Tracer,
} from '@opentelemetry/api';

/** Where telemetry goes. */
export interface TelemetryOptions {
  /** Default: the meter `@mcp-m2m/core` of the global provider. */
  readonly meter?: Meter;
  /** Default: the tracer `@mcp-m2m/core` of the global provider. */
  readonly tracer?: Tracer;
}

/** Something that took time and is over. */
export interface PastSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly durationMilliseconds: number;
  readonly attributes: Attributes;
  /** What makes it an error; left out where it is none. */
  readonly errorMessage?: string | undefined;
}

const SCOPE = '@mcp-m2m/core';

/**
 * Creates instruments at their first use: a meter that is taken before the provider is registered never reports.
 */
export function createLazily<T>({ meter }: TelemetryOptions, create: (meter: Meter) => T): () => T {
  let instruments: T | undefined;
  return () => (instruments ??= create(meter ?? metrics.getMeter(SCOPE)));
}

/** Creates a function that reports what has just ended as a span, child of the active one. */
export function createSpanReporter(options: TelemetryOptions): (span: PastSpan) => void {
  const tracer = options.tracer ?? trace.getTracer(SCOPE);
  return ({ name, kind, durationMilliseconds, attributes, errorMessage }) => {
    const endTime = Date.now();
    const span = tracer.startSpan(name, { kind, startTime: endTime - durationMilliseconds, attributes });
    if (errorMessage !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: errorMessage });
    span.end(endTime);
  };
}
