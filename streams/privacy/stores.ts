import { z } from 'zod';
import { defineStore } from '../shared/state.ts';

/** Newest tick of each clock domain on this partition of `events`, in microseconds. */
export const ticks = defineStore('ticks', z.int());

/** Per clock domain: the newest tick of each partition (-1 for none), and the end of the last window that was closed (null before the first). */
export const marks = defineStore(
  'marks',
  z.strictObject({ partitions: z.array(z.int()), closedUs: z.int().nullable() }),
);

/** What an account did in an open cell, cut off at the metric's bound. The key sorts by domain and window. */
export const cells = defineStore('cells', z.int());

/** Cells that an account has used up on a day, by metric, day and account. */
export const used = defineStore('used', z.int());

/** Windows that were released, by metric and window: what comes for them later counts nowhere. */
export const sealed = defineStore('sealed', z.literal(1));

/** The newest row of the ledger, under `head`. */
export const ledgerHead = defineStore('ledger', z.strictObject({ seq: z.int(), hash: z.string() }));

/** What each day has spent of its budget. */
export const days = defineStore(
  'days',
  z.strictObject({ rho: z.string(), delta: z.string(), charged: z.array(z.string()) }),
);
