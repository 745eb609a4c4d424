import type { Dice } from '../../streams/canon/domain/dice.ts';

/** What goes wrong in one run, and how often: chances are per message, operation or second. Each seed draws a mix of its own (swarm testing, Groce et al. 2012). */
export interface Faults {
  readonly drop: number;
  readonly repeat: number;
  /** A message with one character changed. */
  readonly corrupt: number;
  /** A batch in which somebody left one entry out. */
  readonly forge: number;
  /** The longest time under way, in milliseconds: what is sent later may come earlier. */
  readonly delayMsMax: number;
  readonly partitionsPerS: number;
  readonly partitionMsMax: number;
  readonly crashesPerS: number;
  readonly downMsMax: number;
  /** Chance that a disk operation is the last before a crash. */
  readonly diskCrash: number;
  readonly clockJumpsPerS: number;
  readonly clockJumpMsMax: number;
  /** How much faster or slower a clock may run, as a part of a second per second. */
  readonly driftMax: number;
  readonly takeOversPerS: number;
  readonly handOversPerS: number;
  /** Chance that an operation writes what must not leave its region. */
  readonly bound: number;
}

const sometimes = (dice: Dice, chance: number, max: number): number => (dice.chance(chance) ? dice.next() * max : 0);

export function drawFaults(dice: Dice): Faults {
  return {
    drop: sometimes(dice, 0.5, 0.3),
    repeat: sometimes(dice, 0.5, 0.3),
    corrupt: sometimes(dice, 0.35, 0.15),
    forge: sometimes(dice, 0.35, 0.3),
    delayMsMax: dice.pick([5, 50, 400]),
    partitionsPerS: sometimes(dice, 0.7, 3),
    partitionMsMax: dice.pick([200, 1_000, 3_000]),
    crashesPerS: sometimes(dice, 0.5, 2),
    downMsMax: dice.pick([50, 500]),
    diskCrash: sometimes(dice, 0.4, 0.06),
    clockJumpsPerS: sometimes(dice, 0.4, 2),
    clockJumpMsMax: dice.pick([50, 2_000, 20_000]),
    driftMax: sometimes(dice, 0.5, 0.2),
    takeOversPerS: sometimes(dice, 0.6, 2.5),
    handOversPerS: sometimes(dice, 0.4, 1.5),
    bound: sometimes(dice, 0.6, 0.4),
  };
}

export const noFaults: Faults = {
  drop: 0,
  repeat: 0,
  corrupt: 0,
  forge: 0,
  delayMsMax: 2,
  partitionsPerS: 0,
  partitionMsMax: 0,
  crashesPerS: 0,
  downMsMax: 0,
  diskCrash: 0,
  clockJumpsPerS: 0,
  clockJumpMsMax: 0,
  driftMax: 0,
  takeOversPerS: 0,
  handOversPerS: 0,
  bound: 0,
};
