import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { GraphTransaction } from '../port.ts';
import { type Subject, creator, since } from './subject.ts';

const who = fc.nat(5);
const skill = fc.constantFrom('a', 'b', 'c');

/** One write. Whether it succeeds depends on what is there. */
const write = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), who, skills: fc.uniqueArray(skill), name: fc.nat(6), at: fc.nat(3) }),
  fc.record({ kind: fc.constant('patch' as const), who, skills: fc.uniqueArray(skill) }),
  fc.record({ kind: fc.constant('remove' as const), who }),
  fc.record({
    kind: fc.constant('link' as const),
    who,
    to: who,
    key: fc.nat(1),
    weight: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ kind: fc.constant('unlink' as const), who, to: who, key: fc.nat(1) }),
);
type Write = typeof write extends fc.Arbitrary<infer T> ? T : never;
const transaction = fc.record({ writes: fc.array(write, { maxLength: 6 }), aborts: fc.boolean() });

interface Person {
  version: number;
  skills: readonly string[];
  name: number;
  at: number;
}
interface Bond {
  readonly from: number;
  readonly to: number;
  readonly key: number;
  weight: number;
}

/** Maps instead of an engine. */
class Model {
  people = new Map<number, Person>();
  bonds = new Map<string, Bond>();

  copy(): Model {
    const copy = new Model();
    copy.people = structuredClone(this.people);
    copy.bonds = structuredClone(this.bonds);
    return copy;
  }

  /** Does what the store ought to do; false where that ought to be refused. */
  apply(given: Write): boolean {
    const person = this.people.get(given.who);
    if (given.kind === 'put') {
      if ([...this.people].some(([other, { name }]) => other !== given.who && name === given.name)) return false;
      const { skills, name, at } = given;
      this.people.set(given.who, { version: (person?.version ?? 0) + 1, skills, name, at });
    } else if (given.kind === 'patch') {
      if (!person) return false;
      person.skills = given.skills;
    } else if (given.kind === 'remove') {
      this.people.delete(given.who);
      for (const [name, { from, to }] of this.bonds)
        if (from === given.who || to === given.who) this.bonds.delete(name);
    } else {
      const name = `${given.who}>${given.to}>${given.key}`;
      if (given.kind === 'unlink') this.bonds.delete(name);
      else if (!person || !this.people.has(given.to) || given.who === given.to) return false;
      else this.bonds.set(name, { from: given.who, to: given.to, key: given.key, weight: given.weight });
    }
    return true;
  }
}

/** Against a model of Maps: after any transactions, some of them given up, every verb answers as the model does. */
export function modelled(subject: Subject): void {
  test('goal: after any transactions every verb answers as Maps would', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(transaction, { maxLength: 12 }), async (transactions) => {
        const world = subject.name('world');
        let model = new Model();
        for (const { writes, aborts } of transactions) {
          const next = model.copy();
          const done = subject.store.transact(async (tx) => {
            for (const each of writes) expect(await attempt(tx, world, each)).toBe(next.apply(each));
            if (aborts) throw new Error('given up');
          });
          if (aborts) await expect(done).rejects.toThrow('given up');
          else await done;
          if (!aborts) model = next;
        }
        await comparePeople(subject, world, model);
        await compareBonds(subject, world, model);
      }),
      { numRuns: 60 },
    );
  });
}

async function attempt(tx: GraphTransaction, world: string, given: Write): Promise<boolean> {
  const id = `${world}/${given.who}`;
  try {
    if (given.kind === 'put') {
      const skills = given.skills.map((each) => `${world}/${each}`);
      const names = { usernameKey: `${world}/name-${given.name}`, registeredAt: since(given.at) };
      await tx.put({ type: 'Creator', id, props: creator(id, { skills, ...names }) });
    }
    if (given.kind === 'patch')
      await tx.patch('Creator', id, { skills: given.skills.map((each) => `${world}/${each}`) });
    if (given.kind === 'remove') await tx.remove('Creator', id);
    if (given.kind === 'link' || given.kind === 'unlink') {
      const edge = { type: 'ENDORSES', from: id, to: `${world}/${given.to}`, key: `k${given.key}` } as const;
      if (given.kind === 'unlink') await tx.unlink(edge);
      else await tx.link({ ...edge, props: { since: since(0), weight: given.weight, note: '' } });
    }
    return true;
  } catch {
    return false;
  }
}

async function comparePeople(subject: Subject, world: string, model: Model): Promise<void> {
  for (let n = 0; n <= 5; n++) {
    const [node] = await subject.store.get('Creator', [`${world}/${n}`]);
    const person = model.people.get(n);
    expect(node?.version).toBe(person?.version);
    expect(node?.props.skills).toEqual(person?.skills.map((each) => `${world}/${each}`));
  }
  for (let name = 0; name <= 6; name++) {
    const [found] = await subject.store.findUnique('Creator', 'usernameKey', [`${world}/name-${name}`]);
    const holder = [...model.people].find(([, person]) => person.name === name)?.[0];
    expect(found?.id).toBe(holder === undefined ? undefined : `${world}/${holder}`);
  }
  for (const each of ['a', 'b', 'c']) {
    const where = { skills: `${world}/${each}` };
    const page = await subject.store.find({ type: 'Creator', where, orderBy: 'registeredAt', order: 'asc', limit: 9 });
    const able = [...model.people].filter(([, { skills }]) => skills.includes(each));
    const expected = able.sort(([a, { at: x }], [b, { at: y }]) => x - y || a - b).map(([n]) => `${world}/${n}`);
    expect(page.items.map(({ id }) => id)).toEqual(expected);
    expect(await subject.store.count('Creator', where)).toBe(expected.length);
  }
}

async function compareBonds(subject: Subject, world: string, model: Model): Promise<void> {
  const ids = Array.from({ length: 6 }, (_, n) => `${world}/${n}`);
  for (const direction of ['out', 'in'] as const) {
    const pages = await subject.store.neighbours({
      edge: 'ENDORSES',
      direction,
      ids,
      orderBy: 'weight',
      order: 'desc',
      limit: 99,
    });
    const degrees = await subject.store.degrees('ENDORSES', direction, ids);
    for (const [n, page] of pages.entries()) {
      const mine = [...model.bonds.values()].filter(({ from, to }) => (direction === 'out' ? from : to) === n);
      const sorted = mine.map(({ from, to, key, weight }) => ({ other: direction === 'out' ? to : from, key, weight }));
      sorted.sort((a, b) => b.weight - a.weight || b.other - a.other || b.key - a.key);
      const found = page.items.map(({ id, edge }) => [id, edge.key, edge.props.weight]);
      expect(found).toEqual(sorted.map(({ other, key, weight }) => [`${world}/${other}`, `k${key}`, weight]));
      expect(degrees[n]).toBe(mine.length);
    }
  }
}
