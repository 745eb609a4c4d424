export {
  type Client,
  type ClientOptions,
  type RequestOptions,
  type SubscribeOptions,
  type Watch,
  createClient,
} from './client.ts';
export * from './errors.ts';
export * from './generated/operations.ts';
export type { WatchHandlers } from './live-transport.ts';
export type { TypedText } from './operation.ts';
export type { Connection, PageVariables } from './pages.ts';
export type { LocalQuestion } from './randomise.ts';
export type { RetryOptions } from './retry.ts';
export { type Telemetry, type TelemetryMemory, type TelemetryOptions, createTelemetry } from './telemetry.ts';
export type { TokenOption } from './token-source.ts';
