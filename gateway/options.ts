import type { CryptoKey } from 'jose';
import type { Logger } from 'pino';
import type { Tracing } from '../runtime/tracing.ts';
import type { EventLog } from '../engines/event-log/port.ts';
import type { ReadinessCheck } from './http/health.ts';
import type { TrustedIssuer } from './identity/token-verifier.ts';
import type { LiveSources } from './live/live-operation.ts';
import type { OperationLimits } from './operations/limits.ts';
import type { PersistedOperations } from './operations/persisted.ts';
import type { VariableLimits } from './operations/variables.ts';
import type { DecidePolicy } from './operations/policies.ts';
import type { ApiUsageOptions } from './usage/api-usage.ts';
import type { PlannerChoice } from './planning/planner.ts';
import type { SubgraphTransport } from './transports/transport.ts';

/** What the gateway takes in before it works; every refusal names the limit that was passed. */
export interface GatewayLimits extends OperationLimits, VariableLimits {
  readonly operationTimeoutMs: number;
  readonly bodyBytesMax: number;
  /** Subscriptions over all clients. */
  readonly subscriptionsMax: number;
  readonly subscriptionsPerSocketMax: number;
  /** Subscriptions of one caller, over all transports; 0 does not limit. */
  readonly subscriptionsPerCallerMax: number;
  /** Events that may wait for a subscriber who reads slowly. */
  readonly subscriptionQueueMax: number;
  /** Open TCP connections, WebSockets among them; further ones are closed at once. */
  readonly connectionsMax: number;
  /** What one operation may cost (`operations/README.md`); 0 takes any. */
  readonly cost: number;
  /** Units of cost that one caller may use up in a minute; 0 does not limit. */
  readonly costPerMinute: number;
}

export const defaultLimits: GatewayLimits = {
  depth: 15,
  aliases: 50,
  rootFields: 20,
  fields: 2_000,
  tokens: 4_000,
  documentCharacters: 100_000,
  variableCharacters: 400_000,
  variableValues: 10_000,
  variableDepth: 32,
  operationTimeoutMs: 30_000,
  bodyBytesMax: 1024 * 1024,
  subscriptionsMax: 20_000,
  subscriptionsPerSocketMax: 100,
  subscriptionsPerCallerMax: 0,
  subscriptionQueueMax: 256,
  connectionsMax: 25_000,
  cost: 0,
  costPerMinute: 0,
};

export interface GatewayOptions {
  /** 0 takes any free port; `Gateway.address` tells which. */
  readonly port: number;
  readonly host: string;
  /** SDL of the composed supergraph. */
  readonly supergraph: string;
  /** By subgraph name. The gateway closes them when it stops. */
  readonly transports: Readonly<Record<string, SubgraphTransport>>;
  readonly logger: Logger;
  readonly identity: {
    /** Public key of the built-in issuer; null where its tokens are not accepted. */
    readonly builtInKey: CryptoKey | null;
    readonly issuers: readonly TrustedIssuer[];
  };
  /** Where it stands which tokens are refused before they expire. Unset, none can be revoked. */
  readonly revocations?: { readonly log: EventLog; /** `revocationKeyOf`. */ readonly key: Uint8Array } | undefined;
  /** Where it is told, by pseudonym, how requests ended and how long they took. Unset, nowhere. */
  readonly usage?: ApiUsageOptions | undefined;
  /** Where spans go; whoever made it stops it after the gateway. Unset, nothing is traced. */
  readonly tracing?: Tracing | undefined;
  /** Where the built dashboard is. Unset, `/` has no page. */
  readonly dashboardDirectory?: string | undefined;
  /** Where live events come from. Unset, subscriptions are refused. */
  readonly live?:
    | {
        readonly log: EventLog;
        readonly sources: LiveSources;
        /** Signs the cursors with which subscriptions resume. Unset, a key of this process: its cursors end with it. */
        readonly cursorKey?: Uint8Array;
      }
    | undefined;
  /** By name, as `/health/ready` shows them. */
  readonly readiness?: Readonly<Record<string, ReadinessCheck>>;
  /** Metrics of other parts of this process, in Prometheus' text format; `/metrics` shows them after the gateway's own. */
  readonly moreMetrics?: () => Promise<string>;
  /** Whether `/metrics` is answered elsewhere, by `figures`, and not where clients are. */
  readonly metricsElsewhere?: boolean | undefined;
  /** Decides about `@policy`. Unset, nobody meets one. */
  readonly policies?: DecidePolicy | undefined;
  /** How often they are asked again for open subscriptions, in milliseconds. Default 10,000. */
  readonly policyRecheckMs?: number | undefined;
  /** Operations that clients may name by their hash. Unset, none. */
  readonly persisted?: PersistedOperations | undefined;
  /** Which query planner. Unset: `auto`, the Rust one and Apollo's for what that one cannot do. */
  readonly planner?: PlannerChoice | undefined;
  /** Whether the Rust planner works in a process of its own, as it must over a supergraph that is not known to be safe. */
  readonly isolatePlanner?: boolean | undefined;
  /** Labels of progressive overrides that are on; those of the form `percent(n)` go by chance. */
  readonly overrideLabels?: readonly string[] | undefined;
  /** Origins of other sites whose pages may open a WebSocket, like `https://app.example`. Unset, none. */
  readonly webSocketOrigins?: readonly string[] | undefined;
  readonly introspection?: boolean;
  readonly limits?: Partial<GatewayLimits>;
  /**
   * How long requests are still taken after `/health/ready` began to fail when the gateway stops, so that whoever sends them here can turn
   * elsewhere first, in milliseconds. Default 0.
   */
  readonly drainDelayMs?: number | undefined;
  /** How long requests that run may take to end after that, in milliseconds. Default 10,000. */
  readonly drainMs?: number | undefined;
  /** Clients whose connections are closed are told to come back at random within so long, in milliseconds. Default 2,000. */
  readonly reconnectSpreadMs?: number | undefined;
}
