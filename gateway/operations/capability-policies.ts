import type { Logger } from 'pino';
import type { Claims } from '../../runtime/identity.ts';
import { HANDSHAKE } from '../../schema/handshake.ts';
import { capabilitiesOf, capabilityOfPolicy } from '../../schema/reputation/levels.ts';
import { BoundedMap } from '../bounded-map.ts';
import { Deadline } from '../transports/deadline.ts';
import { SubgraphUnavailableError } from '../transports/transport.ts';
import type { SubgraphTransport } from '../transports/transport.ts';
import type { DecidePolicy } from './policies.ts';

export interface CapabilityPoliciesOptions {
  /** Asks the subgraph that knows levels. */
  readonly transport: SubgraphTransport;
  readonly logger: Logger;
  /** How long an answer is taken as it is, in milliseconds. Default 10,000. */
  readonly freshMs?: number;
  readonly clock?: () => number;
}

/** A change of level is noticed after so long at the latest, in milliseconds. */
const levelFreshMs = 10_000;
const retryMs = 1_000;
const lookupMsMax = 1_500;
const callersMax = 50_000;
const query = '{ viewerTrustLevel { level } }';

interface Known {
  /** Null for a login that has not registered; undefined while it was never learned. */
  level: number | null | undefined;
  /** When it is to be asked again. */
  freshUntilMs: number;
  asking: Promise<void> | null;
}

/**
 * Decides policies of the form `capability:NAME` by the caller's trust level (`schema/reputation/levels.ts`), which the subgraph `reputation` is asked for.
 * Where it does not answer the last known level stands, however old; one that was never known is a refusal. So is any other policy.
 */
export function createCapabilityPolicies(options: CapabilityPoliciesOptions): DecidePolicy {
  const { transport, logger, freshMs = levelFreshMs, clock = Date.now } = options;
  const levels = new BoundedMap<Known>({ weightMax: callersMax });

  async function ask(known: Known, claims: Claims): Promise<void> {
    try {
      known.level = await levelOf(transport, claims);
      known.freshUntilMs = clock() + freshMs;
    } catch (error) {
      logger.warn({ err: error }, 'a trust level could not be learned; the last known one stands');
      known.freshUntilMs = clock() + retryMs;
    } finally {
      known.asking = null;
    }
  }

  return async (policy, claims) => {
    const capability = capabilityOfPolicy(policy);
    if (capability === null) return false;
    const caller = JSON.stringify([claims.issuer, claims.subject]);
    const known = levels.get(caller) ?? { level: undefined, freshUntilMs: 0, asking: null };
    levels.set(caller, known, 1);
    if (known.freshUntilMs <= clock()) await (known.asking ??= ask(known, claims));
    if (known.level === undefined) throw new Error('the trust level was never known');
    return known.level !== null && capabilitiesOf(known.level).includes(capability);
  };
}

async function levelOf(transport: SubgraphTransport, claims: Claims): Promise<number | null> {
  const deadline = new Deadline(lookupMsMax);
  try {
    const auth = { claims, handshake: HANDSHAKE };
    const { data, errors } = await transport.execute({ query, variables: {}, auth, idempotent: true, deadline });
    const answer = data?.['viewerTrustLevel'] as { readonly level?: unknown } | null | undefined;
    if (answer === null && !errors?.length) return null;
    if (typeof answer?.level === 'number') return answer.level;
    throw new SubgraphUnavailableError(errors?.[0]?.message ?? 'the answer has no trust level');
  } finally {
    deadline.clear();
  }
}
