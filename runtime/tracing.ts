/** W3C Trace Context: which trace a request belongs to, and which span asks. */
export const TRACEPARENT_HEADER = 'traceparent';
/** Tells a client the id under which its request is found in traces and logs. */
export const TRACE_ID_HEADER = 'x-trace-id';

/** Never personal data, never values of variables. */
export type SpanAttributes = Readonly<Record<string, string | number>>;

/** A piece of work with a begin and an end, inside of a trace. */
export interface Span {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** What another process is told so that its spans become children of this one. */
  readonly traceparent: string;
  set(attributes: SpanAttributes): void;
  /** Begins work that this one waits for: a request to another party. */
  child(name: string, attributes: SpanAttributes): Span;
  /** Marks it as failed, by a code such as those of `extensions.code`, `GRAPHQL_ERROR` for an error without one; a message could tell of persons. */
  fail(code: unknown): void;
  end(): void;
}

/** Where spans go. Whoever has none traces nothing: there is no object that does nothing. */
export interface Tracing {
  /** Begins to serve a request, in the trace that `traceparent` names, or in a new one where it is absent or malformed. */
  serve(name: string, traceparent: string | undefined, attributes: SpanAttributes): Span;
  /** Sends what is left, within three seconds. Never rejects. */
  stop(): Promise<void>;
}
