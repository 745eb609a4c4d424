import { z } from 'zod';
import { defineStore } from '../shared/state.ts';

/** Newest tick of each clock domain on this partition of `events`, in microseconds. */
export const ticks = defineStore('ticks', z.int());

/** Per clock domain: the newest tick of each partition (-1 for none), and the instant up to which its windows are closed (null before the first). */
export const marks = defineStore(
  'marks',
  z.strictObject({ partitions: z.array(z.int()), closedUs: z.int().nullable() }),
);

/**
 * What an account did in an hour that some window still needs, by domain, hour and account: one entry for all metrics. `counts` is keyed by the JSON of metric, key and subject; `minutes` are the minutes of
 * the day at which it was at work.
 */
export const cells = defineStore(
  'cells',
  z.strictObject({ counts: z.record(z.string(), z.int()), minutes: z.array(z.int()) }),
  2,
);

/** Cells of metrics with several windows a day that an account has used up, by day and account, until the last window of the day is released: by whichever clock. */
export const used = defineStore('used', z.record(z.string(), z.int()), 1);

const deed = z.strictObject({ other: z.string(), atUs: z.int() });

/** Whom an account invited first on a day, and with whom it began joint work first, by domain, day and account, until the day is closed. */
export const deeds = defineStore('deeds', z.strictObject({ invited: deed.optional(), joined: deed.optional() }), 2);

/** When the invitations of a pair were sent that wait for their joint work, by domain and pair: those whose own day was released, and paid for them. */
export const openInvitations = defineStore('open-invitations', z.array(z.int()));

/** Invitations as builds before the declaration of `waitDaysMax` kept them. Nobody paid for them on their own day: they are not measured any more, and forgotten with the first day that closes. */
export const unpaidInvitations = defineStore('invitations', z.int());

/** Windows that were released, as ranges [from, to) in microseconds, by length of the window: what comes for them later counts nowhere. */
export const sealed = defineStore('sealed', z.array(z.tuple([z.int(), z.int()])));

/** Keys of metrics with private keys that are shown until their epoch ends, by metric, epoch and key. Builds before `touchedKeys` kept here what was only touched, too (`known`). */
export const privateKeys = defineStore('private-keys', z.enum(['known', 'shown']), 2);

/** Keys of metrics with private keys that somebody has touched in an epoch: many to an entry, as one window may bring 100,000; by metric, epoch, the window that brought them, and a number. */
export const touchedKeys = defineStore('touched-keys', z.array(z.string()), 2);

/**
 * Per running total (metric, domain, key): the bounded counts of the windows of its horizon, and what was released on the lattice. A series that has filled a horizon begins another one and goes on from its total (`before`);
 * `newest` is its own total with that, of `windows` windows, the last of which began at `startUs`: what other clocks' totals go on from.
 */
export const totals = defineStore(
  'totals',
  z.strictObject({
    counts: z.array(z.int()),
    values: z.array(z.number()),
    before: z.strictObject({ total: z.number(), windows: z.int() }).optional(),
    newest: z.strictObject({ total: z.number(), windows: z.int(), startUs: z.int() }).optional(),
  }),
);

/** Epochs whose windows are all sealed. */
export const epochs = defineStore('epochs', z.literal('closed'));

/** What an account has been charged in its lifetime, where there is a lifetime filter. Never leaves the log. */
export const lifetimes = defineStore('lifetimes', z.string());

/** The newest row of the ledger, under `head`. */
export const ledgerHead = defineStore('ledger', z.strictObject({ seq: z.int(), hash: z.string() }));

/** What each day has spent of its budget. */
export const days = defineStore(
  'days',
  z.strictObject({ rho: z.string(), delta: z.string(), charged: z.array(z.string()) }),
);

/** Everything that the processor of releases keeps. */
export const releaseStores = [
  marks,
  cells,
  used,
  deeds,
  openInvitations,
  unpaidInvitations,
  sealed,
  privateKeys,
  touchedKeys,
  totals,
  epochs,
  lifetimes,
  days,
  ledgerHead,
] as const;
