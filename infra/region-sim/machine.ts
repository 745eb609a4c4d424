import type { Dice } from '../../streams/canon/domain/dice.ts';
import type { RegionDisk } from '../../streams/canon/regions/region-disk.ts';

/** The machine stopped in the midst of a disk operation. */
export class PowerLoss extends Error {
  override readonly name = 'PowerLoss';
}

interface SimFile {
  synced: Buffer;
  pending: Buffer[];
}

/** A disk in memory. What was not synced may be lost in a crash: the last writes, and of the last that stays perhaps only a part. */
export class SimDisk implements RegionDisk {
  readonly #files = new Map<string, SimFile>();
  readonly #mayFail: () => boolean;

  /** `mayFail` is asked before every write and sync: true stops the machine there. */
  constructor(mayFail: () => boolean) {
    this.#mayFail = mayFail;
  }

  read(file: string): Buffer {
    const { synced, pending } = this.#file(file);
    return Buffer.concat([synced, ...pending]);
  }

  append(file: string, bytes: Buffer): void {
    this.#file(file).pending.push(bytes);
    if (this.#mayFail()) throw new PowerLoss();
  }

  sync(file: string): void {
    if (this.#mayFail()) throw new PowerLoss();
    const of = this.#file(file);
    if (of.pending.length > 0) of.synced = Buffer.concat([of.synced, ...of.pending]);
    of.pending = [];
    if (this.#mayFail()) throw new PowerLoss();
  }

  truncate(file: string, length: number): void {
    const of = this.#file(file);
    of.synced = Buffer.from(this.read(file).subarray(0, length));
    of.pending = [];
  }

  /** What a crash leaves. */
  crash(dice: Dice): void {
    for (const of of this.#files.values()) {
      const kept = of.pending.slice(0, dice.below(of.pending.length + 1));
      const torn = of.pending[kept.length];
      if (torn && dice.chance(0.5)) kept.push(torn.subarray(0, dice.below(torn.length)));
      of.synced = Buffer.concat([of.synced, ...kept]);
      of.pending = [];
    }
  }

  /** Every byte that is on it. */
  contents(): readonly Buffer[] {
    return [...this.#files.keys()].map((file) => this.read(file));
  }

  #file(file: string): SimFile {
    const known = this.#files.get(file) ?? { synced: Buffer.alloc(0), pending: [] };
    this.#files.set(file, known);
    return known;
  }
}

/** A machine's own idea of the time: it runs at a rate of its own, and jumps. */
export class SimClock {
  readonly #trueUs: () => number;
  readonly #rate: number;
  #jumpedUs = 0;
  #isTrue = false;

  constructor(trueUs: () => number, rate: number) {
    this.#trueUs = trueUs;
    this.#rate = rate;
  }

  nowUs(): number {
    const now = this.#trueUs();
    return this.#isTrue ? now : Math.max(0, epochUs + Math.floor((now - epochUs) * this.#rate) + this.#jumpedUs);
  }

  jump(byMs: number): void {
    this.#jumpedUs += byMs * 1_000;
  }

  /** From now on it shows the true time. */
  mend(): void {
    this.#isTrue = true;
  }
}

/** When every simulation begins. */
export const epochUs = 1_700_000_000_000_000;
