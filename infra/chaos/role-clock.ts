/** Loaded before `main.ts` in a role that chaos strikes (`node --import`): its clock can be set, from the start by CHAOS_CLOCK_MS and later by its parent. */
import { installShiftedClock } from './shifted-clock.ts';

const clock = installShiftedClock();
clock.shift(Number(process.env['CHAOS_CLOCK_MS'] ?? 0));
process.on('message', (order: { readonly shiftMs: number }) => clock.shift(order.shiftMs));
// The channel alone is to hold no process.
process.channel?.unref();
// Nobody would stop it any more.
process.once('disconnect', () => process.exit(1));
