import {
  type KeyMessage,
  type MaskedMessage,
  type RevealMessage,
  type ShareMessage,
  SumClient,
  type SumPlan,
  unmask,
} from './secure-sum.ts';

/** After which step a client is gone. */
export type DropOut = 'BEFORE_SHARES' | 'BEFORE_MASKED' | 'BEFORE_REVEAL';

export interface Aggregation {
  /** Sum over the clients that sent a masked vector. */
  readonly sum: readonly number[];
  /** Places in `vectors` of the clients that are in it. */
  readonly counted: readonly number[];
  /** What all clients sent, as JSON. */
  readonly bytesSent: number;
}

/**
 * Runs a whole round of secure aggregation in one process, message by message as over a network, with clients that drop out where told. Vectors are whole numbers; their sum must stay within ±2^31.
 * Throws SecureSumError where too few stay.
 */
export function aggregate(
  plan: SumPlan,
  vectors: readonly (readonly number[])[],
  dropOuts: ReadonlyMap<number, DropOut> = new Map(),
): Aggregation {
  const clients = vectors.map((vector, n) => ({ vector, n, place: n + 1, client: new SumClient(n + 1, plan) }));
  const staysUntil = (n: number, ...gone: readonly DropOut[]): boolean => {
    const dropOut = dropOuts.get(n);
    return dropOut === undefined || !gone.includes(dropOut);
  };
  const roster: readonly KeyMessage[] = clients.map(({ client }) => client.keys());
  const sharing = clients.filter(({ n }) => staysUntil(n, 'BEFORE_SHARES'));
  const shares: readonly ShareMessage[] = sharing.flatMap(({ client }) => client.shares(roster));
  const byReceiver = Map.groupBy(shares, ({ to }) => to);
  const masking = sharing.filter(({ n }) => staysUntil(n, 'BEFORE_MASKED'));
  const masked: readonly MaskedMessage[] = masking.map(({ client, place, vector }) =>
    client.masked(byReceiver.get(place) ?? [], vector),
  );
  const survivors = masked.map(({ client }) => client);
  const revealing = masking.filter(({ n }) => staysUntil(n, 'BEFORE_REVEAL'));
  const reveals: readonly RevealMessage[] = revealing.map(({ client }) => client.reveal(survivors));
  const bytesSent = [roster, shares, masked, reveals].reduce((sum, sent) => sum + JSON.stringify(sent).length, 0);
  return { sum: unmask(plan, roster, { shares, masked, reveals }), counted: masking.map(({ n }) => n), bytesSent };
}
