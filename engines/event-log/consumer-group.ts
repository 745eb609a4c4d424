import { type Claim, assign } from './assignment.ts';
import { PartitionRun } from './partition-run.ts';
import type { ConsumeOptions, LogConsumer, TopicPartition } from './port.ts';
import { type TableDeps, holdTable } from './table-holding.ts';

export interface GroupDeps extends TableDeps {
  readonly translate: (error: unknown) => unknown;
  /** How long a handler in flight may hold up the partition's next owner, in milliseconds. */
  readonly revokeMsMax: number;
}

/** One partition's place in the group: who has it, who should, and the hand-over between them. */
interface Slot extends TopicPartition {
  target: ConsumeOptions | null;
  owner: ConsumeOptions | null;
  run: PartitionRun | null;
  handover: Promise<void> | null;
}

/** The members of one group in this process. Each partition has one owner at a time. */
export class ConsumerGroup {
  readonly #deps: GroupDeps;
  readonly #members: ConsumeOptions[] = [];
  readonly #slots = new Map<string, Slot>();

  constructor(deps: GroupDeps) {
    this.#deps = deps;
  }

  get hasMembers(): boolean {
    return this.#members.length > 0;
  }

  join(options: ConsumeOptions): LogConsumer {
    // Options are the member's identity: two members may be given the same object.
    const member = { ...options };
    for (const topic of member.topics) this.#addSlots(topic);
    this.#members.push(member);
    this.#rebalance();
    let leaving: Promise<void> | null = null;
    return { close: () => (leaving ??= this.#leave(member)) };
  }

  async #leave(member: ConsumeOptions): Promise<void> {
    this.#members.splice(this.#members.indexOf(member), 1);
    const owned = [...this.#slots.values()].filter((slot) => slot.owner === member);
    this.#rebalance();
    await Promise.all(owned.map(({ handover }) => handover ?? Promise.resolve()));
  }

  #addSlots(topic: string): void {
    for (const partition of this.#deps.tables.streams(topic).keys()) {
      const name = `${topic}/${partition}`;
      if (this.#slots.has(name)) continue;
      this.#slots.set(name, { topic, partition, target: null, owner: null, run: null, handover: null });
    }
  }

  #rebalance(): void {
    const slots = [...this.#slots.values()];
    const claims = slots.map((slot): Claim<ConsumeOptions> => {
      const members = this.#members.filter(({ topics }) => topics.includes(slot.topic));
      return { members, owner: slot.target };
    });
    for (const [index, target] of assign(claims).entries()) {
      const slot = slots[index] as Slot;
      slot.target = target;
      if (slot.target !== slot.owner) slot.handover ??= this.#handOver(slot).finally(() => (slot.handover = null));
    }
  }

  /** Goes on until the owner is who it should be, however often that changes meanwhile. */
  async #handOver(slot: Slot): Promise<void> {
    while (slot.owner !== slot.target) {
      await slot.run?.release();
      slot.owner = slot.target;
      const { topic, partition } = slot;
      slot.run = slot.owner === null ? null : this.#begin(slot.owner, { topic, partition });
    }
  }

  #begin(owner: ConsumeOptions, where: TopicPartition): PartitionRun {
    const { file, translate, revokeMsMax } = this.#deps;
    const run = new PartitionRun(owner, where, {
      hold: () => holdTable(owner, where, this.#deps),
      onError: (error) => {
        if (!file.closed.aborted) owner.onError(translate(error), where);
      },
      revokeMsMax,
    });
    const drop = (): void => run.drop();
    file.closed.addEventListener('abort', drop);
    void run.finished.finally(() => file.closed.removeEventListener('abort', drop));
    return run;
  }
}
