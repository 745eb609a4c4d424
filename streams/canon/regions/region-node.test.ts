import { describe, expect, test } from '@jest/globals';
import { type NoteSigner, noteSigner } from '../../../schema/merkle/signed-note.ts';
import { chainHeads } from '../stores.ts';
import { boundKeyId } from './entry.ts';
import type { RegionDisk } from './region-disk.ts';
import { type Batch, BatchRefused } from './region-log.ts';
import { RegionNode } from './region-node.ts';
import type { Draft } from './write.ts';

const regions = ['eu', 'us'] as const;
type Region = (typeof regions)[number];
const signers = Object.fromEntries(
  regions.map((region, n) => [region, noteSigner(`vcos.${region}/canon`, Buffer.alloc(32, n + 1))]),
) as Record<Region, NoteSigner>;
const keys = { eu: signers.eu.verifierKey, us: signers.us.verifierKey };
const startUs = 1_700_000_000_000_000;

class MemoryDisk implements RegionDisk {
  readonly files = new Map<string, Buffer>();
  read(file: string): Buffer {
    return this.files.get(file) ?? Buffer.alloc(0);
  }
  append(file: string, bytes: Buffer): void {
    this.files.set(file, Buffer.concat([this.read(file), bytes]));
  }
  sync(): void {}
  truncate(file: string, length: number): void {
    this.files.set(file, this.read(file).subarray(0, length));
  }
}

/** Two regions on one clock that a test moves. */
class Pair {
  nowUs = startUs;
  readonly disks = { eu: new MemoryDisk(), us: new MemoryDisk() };
  eu = this.boot('eu');
  us = this.boot('us');
  #ids = 0;

  boot(region: Region, maxDriftMs = 1_000): RegionNode {
    return new RegionNode({
      region,
      keys,
      signer: signers[region],
      disk: this.disks[region],
      wall: { nowUs: () => (this.nowUs += 1_000) },
      maxDriftMs,
      contestMs: 60_000,
      newId: () => `${region}-${(this.#ids += 1)}`,
    });
  }

  /** Each tells the other all it has, until nothing is new. */
  meet(): void {
    for (let moved = true; moved;) {
      moved = false;
      for (const [from, to] of [
        [this.eu, this.us],
        [this.us, this.eu],
      ] as const) {
        const batch = from.serve(from.region, to.view.of(from.region).log.size);
        if (batch && to.receive(batch) > 0) moved = true;
        to.tend();
      }
    }
  }

  /** What both say of an event, which must be the same. */
  statusOf(id: string): string {
    const [a, b] = [this.eu.view.standingOf(id), this.us.view.standingOf(id)];
    expect(a).toEqual(b);
    return a.home === null ? `PROPOSED, ${a.status}` : `${a.status} by ${a.home}`;
  }
}

const registered: Draft = {
  type: 'creator.registered',
  entityId: 'ada',
  payload: { creatorType: 'ARTIST', skills: [] },
  actor: 'ada',
  source: 'CREATOR',
};
const learnt = (skill: string, rest: Partial<Draft> = {}): Draft => ({
  ...registered,
  type: 'creator.skills-changed',
  payload: { added: [skill], removed: [] },
  ...rest,
});
const batchOf = (pair: Pair): Batch => pair.eu.serve('eu', 0) as Batch;
const refusal = (act: () => unknown): string => {
  try {
    act();
    return 'taken';
  } catch (error) {
    return error instanceof BatchRefused ? error.code : String(error);
  }
};

describe('homes', () => {
  test('goal: what is written elsewhere is proposed until the entity’s home confirms it', () => {
    const pair = new Pair();
    expect(pair.eu.write(registered).standing).toMatchObject({ home: 'eu', status: 'CANONICAL' });
    pair.meet();
    const { id, standing } = pair.us.write(learnt('singing'));
    expect(standing).toEqual({ status: 'PROPOSED', home: null, isSettled: false });
    pair.meet();
    expect(pair.statusOf(id)).toBe('CANONICAL by eu');
  });

  test('goal: two regions that wrote for one place unseen come to the same winner: the home’s own term', () => {
    const pair = new Pair();
    pair.eu.write(registered);
    pair.meet();
    const mine = pair.us.write(learnt('us'));
    const home = pair.eu.write(learnt('eu'));
    pair.meet();
    expect([pair.statusOf(mine.id), pair.statusOf(home.id)]).toEqual(['NON_CANONICAL by eu', 'CANONICAL by eu']);
    const next = pair.eu.write(learnt('next'));
    expect(pair.eu.view.find(next.id)?.entry.stored.prevHash).toBe(pair.eu.view.find(home.id)?.entry.stored.hash);
    pair.meet();
    expect(pair.us.view.of('eu').court.state.get(chainHeads, 'Creator|ada')?.version).toBe(3);
  });

  test('goal: a home that another region took over gives up as soon as it hears of that; what it wrote meanwhile is decided by the new home', () => {
    const pair = new Pair();
    pair.eu.write(registered);
    pair.meet();
    expect(pair.us.takeOver('Creator|ada')).toBe(true);
    // Whoever is the home takes nothing over, nor does anybody what has none.
    expect([pair.us.takeOver('Creator|ada'), pair.us.takeOver('Creator|nobody')]).toEqual([false, false]);
    const late = pair.eu.write(learnt('late'));
    expect(late.standing.home).toBe('eu');
    pair.meet();
    expect(pair.statusOf(late.id)).toBe('CANONICAL by us');
    expect(pair.eu.write(learnt('after')).standing.home).toBeNull();
  });

  test('goal: handed over, an entity is decided about by the other region only', () => {
    const pair = new Pair();
    const first = pair.eu.write(registered);
    pair.meet();
    expect(pair.eu.handOver('Creator|ada', 'us')).toBe(true);
    expect(pair.eu.write(learnt('x')).standing.home).toBeNull();
    pair.meet();
    expect(pair.us.view.tenureOf('Creator|ada')).toMatchObject({ region: 'us', epoch: 2 });
    expect(pair.statusOf(first.id)).toBe('CANONICAL by us');
  });
});

describe('replicas', () => {
  test('goal: a batch is taken once, whole and only as it was signed', () => {
    const pair = new Pair();
    pair.eu.write(registered);
    pair.eu.write(learnt('a'));
    const batch = batchOf(pair);
    const [first = '', second = ''] = batch.entries;
    expect(refusal(() => pair.us.receive({ ...batch, entries: [second] }))).toBe('FORGED');
    expect(refusal(() => pair.us.receive({ ...batch, entries: [first.replace('ARTIST', 'CURATOR'), second] }))).toBe(
      'ENTRY',
    );
    expect(
      refusal(() => pair.us.receive({ ...batch, checkpoint: batch.checkpoint.replace('eu/canon', 'us/canon') })),
    ).toBe('FORGED');
    expect(refusal(() => pair.us.receive({ ...batch, at: 1 }))).toBe('GAP');
    expect(pair.us.receive(batch)).toBe(2);
    expect(pair.us.receive(batch)).toBe(0);
  });

  test('goal: a log that says something else than before is refused', () => {
    const [pair, other] = [new Pair(), new Pair()];
    pair.eu.write(registered);
    pair.us.receive(batchOf(pair));
    other.nowUs += 5;
    other.eu.write(registered);
    expect(refusal(() => pair.us.receive(batchOf(other)))).toBe('HISTORY_REWRITTEN');
  });

  test('goal: an event from the future is refused, not clamped, and taken once the clock has come there', () => {
    const pair = new Pair();
    pair.nowUs += 60_000_000;
    pair.eu.write(registered);
    pair.nowUs -= 60_000_000;
    expect(refusal(() => pair.us.receive(batchOf(pair)))).toBe('CLOCK_AHEAD');
    pair.nowUs += 60_000_000;
    expect(pair.us.receive(batchOf(pair))).toBe(1);
  });

  test('goal: after a restart a region holds the same, and its torn last line is forgotten', () => {
    const pair = new Pair();
    pair.eu.write(registered);
    pair.meet();
    const before = pair.us.sizes();
    pair.disks.us.append('eu', Buffer.from('0123456789abcdef {"id":"torn'));
    pair.us = pair.boot('us');
    expect(pair.us.sizes()).toEqual(before);
    expect(pair.disks.us.read('eu').toString().endsWith('}\n')).toBe(true);
    expect(pair.us.serve('eu', 0)?.entries).toHaveLength(1);
  });
});

describe('residency', () => {
  const secret = 'canary-eu';
  const bound = learnt(secret, {
    sealed: () => [{ subject: 'ada', keyId: boundKeyId('eu', 'k1'), nonce: 'AAAA', ciphertext: 'ciphertext-eu' }],
  });

  test('goal: what is bound to a region leaves it as a stub: neither payload nor ciphertext, and every proof still holds', () => {
    const pair = new Pair();
    pair.eu.write(registered);
    const { id } = pair.eu.write(bound);
    pair.meet();
    const there = JSON.stringify([...pair.disks.us.files.values()].map(String));
    expect(there).not.toContain(secret);
    expect(there).not.toContain('ciphertext-eu');
    expect(pair.us.view.of('eu').log.root).toEqual(pair.eu.view.of('eu').log.root);
    expect(pair.statusOf(id)).toBe('CANONICAL by eu');
    expect(pair.us.serve('eu', 0)?.entries[1]).toContain('"stub"');
  });

  test('goal: a stub that its region did not attest is refused', () => {
    const pair = new Pair();
    pair.eu.write(registered);
    pair.eu.write(bound);
    const batch = batchOf(pair);
    const entries = batch.entries.map((text) => text.replace('"needsOwner":true', '"needsOwner":false'));
    expect(refusal(() => pair.us.receive({ ...batch, entries }))).toBe('ENTRY');
  });
});
