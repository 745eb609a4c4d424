/** Invitations and the first joint work that they led to: what is measured, and how far one account-day can move it. */

/** One account did something that names another: it invited them, or began joint work with them. */
export interface Deed {
  readonly account: string;
  readonly other: string;
  /** Microseconds since the Unix epoch. */
  readonly atUs: number;
}

/** The deeds of one day, one of each kind at most per account. */
export interface DayOfDeeds {
  readonly invited: readonly Deed[];
  readonly joined: readonly Deed[];
}

export interface Measured {
  /** From the invitation to the joint work, in microseconds: one for each pair that is measured. */
  readonly waitsUs: readonly number[];
  /** When the invitations of a pair were sent that still wait, for each pair that the day has changed; empty where none is left. */
  readonly open: ReadonlyMap<string, readonly number[]>;
}

/** The same for both orders. */
const pairOf = ({ account, other }: Deed): string => JSON.stringify([account, other].sort());

/** Of two deeds of an account the first one of the day; at the same instant, the one that names the smaller. */
export const firstOf = (a: Deed, b: Deed): Deed =>
  a.atUs < b.atUs || (a.atUs === b.atUs && a.other <= b.other) ? a : b;

/** What names somebody whom nothing else of its kind names on that day. Where two do, none counts, so that without the one at most the other comes in. */
function alone(deeds: readonly Deed[], admits: (account: string) => boolean): readonly Deed[] {
  const named = Map.groupBy(deeds, ({ other }) => other);
  return deeds.filter(({ other }) => named.get(other)?.length === 1 && admits(other));
}

/**
 * Closes a day. Of each account come its first invitation and its first joint work of the day; of those that name the same account on one day none counts. A pair is measured on a day on which one deed of joint work
 * of the two counts, where just one invitation of theirs (of either, at most as old as `oldestUs`) has come since their joint work before, and came first. Joint work that counts ends what waited for it.
 *
 * Sensitivity. Take away day d of account A: what it did, and that what others did to it counts. The cells of all windows move by at most sqrt(20) in L2 together:
 *
 * 1. Which deeds of another day count depends on that day alone. On d, of each kind, A’s deed goes or lets in the one that named the same account (never more: at two, none counts), and the one that named A goes. So of each
 *    kind the deeds that count change in two pairs at most. In pairs with A they only become fewer, in others one is added.
 * 2. A pair in which only invitations change: just its next joint work, on d or later, sees them. The invitations that it sees in the two worlds are nested, and it is measured where it sees one: the same one where both
 *    see one. So one cell changes, by 1.
 * 3. A pair in which joint work changes on d: its number there differs, and only 1 is measured, so one cell of d changes, by 1. What waits afterwards is nested in the same way and seen by its next joint work, which
 *    clears it in both worlds: one later cell, by 1. Changed invitations of d in this pair are among that.
 * 4. With two pairs of each sort, at most four changes are on d, four later, and six in all: 4² + 2² = 20, with all those of d in one cell, and all later ones in one.
 */
export function closeDay(
  day: DayOfDeeds,
  options: {
    readonly admits: (account: string) => boolean;
    readonly openOf: (pair: string) => readonly number[];
    readonly oldestUs: number;
  },
): Measured {
  const { admits, openOf, oldestUs } = options;
  const own = (deeds: readonly Deed[]): readonly Deed[] => deeds.filter(({ account }) => admits(account));
  const [invited, joined] = [own(day.invited), own(day.joined)];
  const [invitations, joins] = [alone(invited, admits), alone(joined, admits)];
  const open = new Map<string, readonly number[]>();
  for (const deed of invitations) {
    const pair = pairOf(deed);
    open.set(pair, [...(open.get(pair) ?? openOf(pair)), deed.atUs]);
  }
  const waitsUs: number[] = [];
  for (const [pair, [join, ...more]] of Map.groupBy(joins, pairOf)) {
    const [sentUs, ...others] = (open.get(pair) ?? openOf(pair)).filter((atUs) => atUs >= oldestUs);
    open.set(pair, []);
    if (!join || sentUs === undefined || more.length + others.length > 0 || sentUs > join.atUs) continue;
    waitsUs.push(join.atUs - sentUs);
  }
  return { waitsUs, open };
}
