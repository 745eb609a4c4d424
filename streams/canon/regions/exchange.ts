import { z } from 'zod';
import { BatchRefused, stepsMax } from './region-log.ts';
import type { RegionNode } from './region-node.ts';

const region = z.string().min(1).max(32);
const place = z.int().min(0);
/** What regions say to each other. Nothing of it is trusted: batches are verified, the rest only asks. */
const messageSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('have'), from: region, sizes: z.record(region, place) }),
  z.strictObject({ kind: z.literal('want'), from: region, region, at: place, max: z.int().min(1) }),
  z.strictObject({
    kind: z.literal('batch'),
    from: region,
    batch: z.strictObject({
      region,
      at: place,
      entries: z.array(z.string().max(262_144)).max(64).readonly(),
      checkpoint: z.string().max(4_096),
      steps: z
        .array(
          z.strictObject({
            size: place,
            root: z.string().max(64),
            proof: z.array(z.string().max(64)).max(128).readonly(),
          }),
        )
        .max(stepsMax)
        .readonly(),
    }),
  }),
]);
type Message = z.infer<typeof messageSchema>;

export interface Outgoing {
  readonly to: string;
  readonly text: string;
}

/** How many entries are asked for at once. */
const wantedMax = 32;

/**
 * Keeps a region's replicas up: tells others what it holds, asks for what they hold more of, takes what it gets. Messages may be lost, come twice, late or in
 * any order; asking again mends it. Anyone's copy of a log will do, since each shows that its region signed it.
 */
export class RegionExchange {
  readonly #node: RegionNode;

  constructor(node: RegionNode) {
    this.#node = node;
  }

  /** What to tell every other region from time to time. */
  greeting(): string {
    return this.#text({ kind: 'have', from: this.#node.region, sizes: { ...this.#node.sizes() } });
  }

  /** Hears a message; gives what to send. Whatever cannot be read or verified is passed over: `refused` tells why. */
  hear(text: string): { readonly send: readonly Outgoing[]; readonly refused: string | null } {
    const message = read(text);
    if (!message || message.from === this.#node.region) return { send: [], refused: 'UNREADABLE' };
    switch (message.kind) {
      case 'have':
        return { send: this.#wants(message), refused: null };
      case 'want': {
        const batch = this.#node.serve(message.region, message.at, message.max);
        return { send: batch ? [this.#to(message.from, { kind: 'batch', from: '', batch })] : [], refused: null };
      }
      case 'batch':
        return this.#take(message);
    }
  }

  #wants({ from, sizes }: Extract<Message, { kind: 'have' }>): readonly Outgoing[] {
    const own = this.#node.sizes();
    return Object.entries(sizes).flatMap(([name, size]) => {
      const at = own[name];
      return name !== this.#node.region && at !== undefined && size > at ? [this.#want(from, name, wantedMax)] : [];
    });
  }

  #take({ from, batch }: Extract<Message, { kind: 'batch' }>): ReturnType<RegionExchange['hear']> {
    try {
      const taken = this.#node.receive(batch);
      this.#node.tend();
      const more = taken > 0 && batch.entries.length >= wantedMax;
      return { send: more ? [this.#want(from, batch.region, wantedMax)] : [], refused: null };
    } catch (error) {
      if (!(error instanceof BatchRefused)) throw error;
      // What comes before the entry that cannot be taken yet can be: it may be what others wait for.
      const send = error.good > 0 ? [this.#want(from, batch.region, error.good)] : [];
      return { send, refused: error.code };
    }
  }

  #want(to: string, name: string, max: number): Outgoing {
    return this.#to(to, { kind: 'want', from: '', region: name, at: this.#node.sizes()[name] ?? 0, max });
  }

  #to(to: string, message: Message): Outgoing {
    return { to, text: this.#text({ ...message, from: this.#node.region }) };
  }

  #text(message: Message): string {
    return JSON.stringify(message);
  }
}

function read(text: string): Message | null {
  try {
    return messageSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
