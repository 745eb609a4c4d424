import type { EventLog } from '../../engines/event-log/port.ts';
import type { GraphStore } from '../../engines/graph-store/port.ts';
import type { Warehouse } from '../../engines/warehouse/port.ts';
import type { HlcClock } from '../../runtime/hlc-clock.ts';
import type { Claims } from '../../runtime/identity.ts';
import type { Logger } from '../../runtime/logger.ts';
import type { Tracing } from '../../runtime/tracing.ts';
import type { CreatorState } from '../../schema/graph/catalogue.ts';
import { type Loaders, createLoaders } from './loaders.ts';

/** The key of canon's tree heads, as far as subgraphs need it: Ed25519 (RFC 8032). */
export interface CanonSigner {
  /** `<name>+<key id>+<key>` (C2SP signed-note). */
  readonly verifierKey: string;
  sign(message: Buffer): Buffer;
  /** Vouches for that key where certificates are asked for. */
  readonly root: Pick<CanonSigner, 'verifierKey' | 'sign'>;
}

/** What a subgraph is given once, at start. */
export interface SubgraphDependencies {
  readonly store: GraphStore;
  readonly warehouse: Warehouse;
  readonly eventLog: EventLog;
  readonly clock: HlcClock;
  /** 32 bytes that wrap the subjects' keys. */
  readonly masterKey: Buffer;
  readonly region: string;
  /** Signs what canon attests, with the key of its tree heads. */
  readonly signer: CanonSigner;
  /** Ids of the creators in whom trust begins, as the operator named them. */
  readonly reputationSeeds?: readonly string[];
  /** How long a term of theirs lasts, in milliseconds; null, or unset, where all of them serve always. */
  readonly seedTermMs?: number | null;
  readonly logger: Logger;
  /** Unset, nothing is traced. */
  readonly tracing?: Tracing | undefined;
}

/** Who asks. `creatorId` is null without a token, and for a login that has not registered. */
export interface Viewer {
  readonly claims: Claims | null;
  readonly creatorId: string | null;
  /** The stored state of that creator when the request came; null where there is none. */
  readonly state: CreatorState | null;
}

/** What resolvers see of one request. */
export interface SubgraphContext extends SubgraphDependencies {
  readonly viewer: Viewer;
  readonly loaders: Loaders;
}

/** `<issuer>|<subject>`: the value of a creator's unique `identity`. */
export function identityOf(claims: { readonly issuer: string; readonly subject: string }): string {
  return `${claims.issuer}|${claims.subject}`;
}

/** The context of one request with these (verified) claims. */
export async function createContext(
  dependencies: SubgraphDependencies,
  claims: Claims | null,
): Promise<SubgraphContext> {
  const creator =
    claims === null
      ? null
      : ((await dependencies.store.findUnique('Creator', 'identity', [identityOf(claims)]))[0] ?? null);
  return {
    ...dependencies,
    viewer: { claims, creatorId: creator?.id ?? null, state: creator?.props.state ?? null },
    loaders: createLoaders(dependencies.store),
  };
}
