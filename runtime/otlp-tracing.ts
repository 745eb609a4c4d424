import { setTimeout as pause } from 'node:timers/promises';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import type { Context, Span as OtelSpan, Tracer } from '@opentelemetry/api';
import { ExportResultCode, parseTraceParent } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from './logger.ts';
import type { Span, SpanAttributes, Tracing } from './tracing.ts';

export interface OtlpTracingOptions {
  /** Base URL of a collector that takes OTLP over HTTP, like `http://localhost:4318`. */
  readonly endpoint: string;
  readonly serviceName: string;
  readonly logger: Logger;
  /** How long spans are collected before they are sent, in milliseconds. Default 5,000. */
  readonly delayMs?: number;
}

/** How long a batch may take to be sent, attempts and waits together; so long a process that ends waits at most. */
const sendMsMax = 3_000;
/** Spans that may wait for the collector; further ones are dropped. */
const queueMax = 2_048;
/** Characters of an attribute: an operation's name is the client's choice. */
const attributeCharactersMax = 200;

/**
 * Sends spans to an OpenTelemetry collector (OTLP/HTTP, JSON) in the background. Nobody waits for it, and what it cannot deliver is lost. A trace whose
 * caller says that it is not sampled (W3C Trace Context, section 3.2.2.5) is passed on and not sent.
 */
export function createOtlpTracing(options: OtlpTracingOptions): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${options.endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: sendMsMax,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': options.serviceName }),
    spanLimits: { attributeValueLengthLimit: attributeCharactersMax },
    spanProcessors: [
      new BatchSpanProcessor(tellOutages(exporter, options.logger), {
        maxQueueSize: queueMax,
        scheduledDelayMillis: options.delayMs ?? 5_000,
        // Longer than the exporter itself takes at most, so that there is always a result to look at.
        exportTimeoutMillis: sendMsMax * 2,
      }),
    ],
  });
  const tracer = provider.getTracer('vcos');
  return {
    serve: (name, traceparent, attributes) =>
      new OtlpSpan(tracer, contextOf(traceparent), { name, kind: SpanKind.SERVER, attributes }),
    async stop() {
      const waiting = new AbortController();
      const sent = provider.shutdown().catch(() => {});
      await Promise.race([sent, pause(sendMsMax, undefined, { signal: waiting.signal }).catch(() => {})]);
      waiting.abort();
    },
  };
}

function contextOf(traceparent: string | undefined): Context {
  const parent = traceparent === undefined ? null : parseTraceParent(traceparent);
  return parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
}

class OtlpSpan implements Span {
  readonly #tracer: Tracer;
  readonly #context: Context;
  readonly #span: OtelSpan;

  constructor(
    tracer: Tracer,
    parent: Context,
    { name, kind, attributes }: { readonly name: string; readonly kind: SpanKind; readonly attributes: SpanAttributes },
  ) {
    this.#tracer = tracer;
    this.#span = tracer.startSpan(name, { kind, attributes }, parent);
    this.#context = trace.setSpan(parent, this.#span);
  }

  get traceId(): string {
    return this.#span.spanContext().traceId;
  }

  get traceparent(): string {
    const { traceId, spanId, traceFlags } = this.#span.spanContext();
    return `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`;
  }

  set(attributes: SpanAttributes): void {
    this.#span.setAttributes(attributes);
  }

  child(name: string, attributes: SpanAttributes): Span {
    return new OtlpSpan(this.#tracer, this.#context, { name, kind: SpanKind.CLIENT, attributes });
  }

  fail(code: unknown): void {
    this.#span.setAttribute('error.type', typeof code === 'string' ? code : 'GRAPHQL_ERROR');
    this.#span.setStatus({ code: SpanStatusCode.ERROR });
  }

  end(): void {
    this.#span.end();
  }
}

/** One line when the collector is lost and one when it is back, however many batches fail between. */
function tellOutages(exporter: SpanExporter, logger: Logger): SpanExporter {
  let isAway = false;
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        const failed = result.code !== ExportResultCode.SUCCESS;
        if (failed && !isAway)
          logger.warn(
            { reason: result.error?.message },
            'the trace collector takes no spans: they are lost until it does',
          );
        if (!failed && isAway) logger.warn('the trace collector takes spans again');
        isAway = failed;
        // It is told above; the processor has nobody to tell.
        done({ code: ExportResultCode.SUCCESS });
      });
    },
    shutdown: () => exporter.shutdown(),
  };
}
