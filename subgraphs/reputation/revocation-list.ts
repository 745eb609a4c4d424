import type { GraphReader, Keyset } from '../../engines/graph-store/port.ts';
import type { NodeProps } from '../../schema/graph/catalogue.ts';
import { hlcToIso } from '../../schema/hlc.ts';
import type { SubgraphContext } from '../shared/context.ts';
import { statusList } from './credentials/open-badge.ts';
import { signingKey } from './signing-key.ts';

const pageMax = 1_000;

/** The signed list of revoked certificates and badges, as JSON text. */
export async function revocationList({ store, masterKey, clock }: SubgraphContext): Promise<string> {
  const revoked = [
    ...(await revokedIn(store, { type: 'Certificate', orderBy: 'issuedAt' })),
    ...(await revokedIn(store, { type: 'Badge', orderBy: 'awardedAt' })),
  ];
  return JSON.stringify(statusList(revoked, signingKey(masterKey), hlcToIso(clock.now())));
}

async function revokedIn<T extends 'Certificate' | 'Badge'>(
  store: GraphReader,
  { type, orderBy }: { readonly type: T; readonly orderBy: keyof NodeProps[T] & string },
): Promise<readonly number[]> {
  const revoked: number[] = [];
  let after: Keyset | undefined;
  do {
    const page = await store.find<'Certificate' | 'Badge'>({
      type,
      where: { isRevoked: 1 },
      orderBy: orderBy as 'isRevoked',
      order: 'asc',
      limit: pageMax,
      ...(after && { after }),
    });
    revoked.push(...page.items.map(({ props }) => props.statusIndex));
    after = page.hasMore ? page.keysets.at(-1) : undefined;
  } while (after !== undefined);
  return revoked;
}
