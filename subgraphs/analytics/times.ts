import { warehouseInstant } from '../../schema/warehouse/tables.ts';

/** A range of time as it is asked for; open where an end is null. */
export interface Times {
  readonly from: string | null;
  readonly to: string | null;
}

const farPast = '1970-01-01 00:00:00.000';
const farFuture = '2200-01-01 00:00:00.000';

/** The same as parameters of a query. */
export function instantsOf({ from, to }: Times): { readonly from: string; readonly to: string } {
  const instantOf = (iso: string): string => warehouseInstant(Date.parse(iso) * 1_000);
  return { from: from === null ? farPast : instantOf(from), to: to === null ? farFuture : instantOf(to) };
}
