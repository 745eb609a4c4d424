import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type SpaceKind, type SpaceRole, spaceRoles } from '../../../schema/graph/catalogue.ts';
import { decideAnswer, decideInvite } from './invitation.ts';
import { decideChangeRole, decideJoin, decideLeave, decideRemove } from './membership.ts';
import type { InvitationProps, KnownSpace } from './space.ts';
import { codes, knownSpace, noSpace, spaceProps } from './testing.ts';

describe('membership', () => {
  test('an open space is joined once, by creators, while there is room', () => {
    const social = knownSpace({ kind: 'SOCIAL' });
    const bob = { id: 'bob', role: null };
    expect(decideJoin({ actor: bob, isPlatform: false, space: social })).toMatchObject({
      ok: true,
      value: { role: 'MEMBER' },
    });
    expect(codes(decideJoin({ actor: { id: 'bob', role: 'OBSERVER' }, isPlatform: false, space: social }))).toEqual([
      'ALREADY_DONE',
    ]);
    expect(codes(decideJoin({ actor: bob, isPlatform: true, space: social }))).toEqual(['FORBIDDEN']);
    expect(codes(decideJoin({ actor: bob, isPlatform: false, space: knownSpace() }))).toEqual(['NOT_FOUND']);
    expect(codes(decideJoin({ actor: bob, isPlatform: false, space: noSpace }))).toEqual(['NOT_FOUND']);
    expect(codes(decideJoin({ actor: bob, isPlatform: false, space: knownSpace({ kind: 'SOCIAL' }, 5) }))).toEqual([
      'LIMIT_EXCEEDED',
    ]);
  });

  test('the last owner neither leaves, nor is removed, nor is demoted', () => {
    const space = knownSpace({}, 3);
    const owner = { id: 'ada', role: 'OWNER' } as const;
    expect(codes(decideLeave({ actor: owner, space, ownerCount: 1 }))).toEqual(['FORBIDDEN']);
    expect(codes(decideLeave({ actor: owner, space, ownerCount: 2 }))).toEqual([]);
    expect(codes(decideChangeRole({ actor: owner, target: owner, space, ownerCount: 1 }, 'MEMBER'))).toEqual([
      'FORBIDDEN',
    ]);
    expect(codes(decideRemove({ actor: owner, target: owner, space, ownerCount: 1 }))).toEqual(['SELF_REFERENCE']);
  });

  test('what is asked of strangers, about strangers, or twice is refused', () => {
    const space = knownSpace({}, 3);
    const owner = { id: 'ada', role: 'OWNER' } as const;
    const stranger = { id: 'eve', role: null };
    expect(codes(decideLeave({ actor: stranger, space, ownerCount: 1 }))).toEqual(['NOT_FOUND']);
    expect(codes(decideRemove({ actor: stranger, target: owner, space, ownerCount: 1 }))).toEqual(['NOT_FOUND']);
    expect(
      codes(decideRemove({ actor: stranger, target: owner, space: knownSpace({ kind: 'SOCIAL' }), ownerCount: 1 })),
    ).toEqual(['FORBIDDEN']);
    expect(codes(decideRemove({ actor: owner, target: stranger, space, ownerCount: 1 }))).toEqual(['NOT_FOUND']);
    expect(
      codes(
        decideChangeRole({ actor: { id: 'bob', role: 'MODERATOR' }, target: owner, space, ownerCount: 2 }, 'MEMBER'),
      ),
    ).toEqual(['FORBIDDEN']);
    expect(
      codes(decideChangeRole({ actor: owner, target: { id: 'bob', role: 'MEMBER' }, space, ownerCount: 1 }, 'MEMBER')),
    ).toEqual(['ALREADY_DONE']);
  });
});

const people = ['ada', 'bob', 'cyd', 'dan', 'eve', 'fay'];
const person = fc.constantFrom(...people);
const role = fc.constantFrom<SpaceRole>(...spaceRoles);
const commands = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant('join' as const), by: person }),
    fc.record({ do: fc.constant('leave' as const), by: person }),
    fc.record({ do: fc.constant('remove' as const), by: person, whom: person }),
    fc.record({ do: fc.constant('change' as const), by: person, whom: person, role }),
    fc.record({ do: fc.constant('invite' as const), by: person, whom: person, role }),
    fc.record({ do: fc.constant('answer' as const), by: person, accept: fc.boolean() }),
  ),
  { maxLength: 120 },
);
type Command = (typeof commands extends fc.Arbitrary<infer C> ? C : never)[number];

/** A space in memory, moved by the decisions alone. */
class Model {
  readonly members = new Map<string, SpaceRole>([['ada', 'OWNER']]);
  readonly invitations: { props: InvitationProps }[] = [];
  readonly #kind: SpaceKind;
  readonly #capacity: number;

  constructor(kind: SpaceKind, capacity: number) {
    this.#kind = kind;
    this.#capacity = capacity;
  }

  get #space(): KnownSpace {
    return {
      id: 'lab',
      props: spaceProps({ kind: this.#kind, capacity: this.#capacity }),
      memberCount: this.members.size,
    };
  }

  get owners(): number {
    return [...this.members.values()].filter((held) => held === 'OWNER').length;
  }

  #who(id: string): { id: string; role: SpaceRole | null } {
    return { id, role: this.members.get(id) ?? null };
  }

  apply(command: Command): void {
    const actor = this.#who(command.by);
    const space = this.#space;
    if (command.do === 'join') {
      const decision = decideJoin({ actor, isPlatform: false, space });
      if (decision.ok) this.members.set(command.by, decision.value.role);
    } else if (command.do === 'leave' || command.do === 'remove') {
      const facts = { actor, space, ownerCount: this.owners };
      const decision =
        command.do === 'leave' ? decideLeave(facts) : decideRemove({ ...facts, target: this.#who(command.whom) });
      if (decision.ok) this.members.delete(decision.value.creatorId);
    } else if (command.do === 'change') {
      const decision = decideChangeRole(
        { actor, space, ownerCount: this.owners, target: this.#who(command.whom) },
        command.role,
      );
      if (decision.ok) this.members.set(command.whom, decision.value.to);
    } else if (command.do === 'invite') {
      const isPending = this.invitations.some(
        ({ props }) => props.inviteeId === command.whom && props.state === 'PENDING',
      );
      const decision = decideInvite(
        { actor, space, invitee: { ...this.#who(command.whom), exists: true }, isBlocked: false, isPending },
        command.role,
      );
      if (!decision.ok) return;
      this.invitations.push({
        props: {
          spaceId: 'lab',
          inviterId: command.by,
          inviteeId: command.whom,
          role: command.role,
          state: 'PENDING',
          sentAt: '',
        },
      });
    } else this.#answer(command.by, command.accept);
  }

  #answer(by: string, accept: boolean): void {
    const open = this.invitations.find(({ props }) => props.inviteeId === by && props.state === 'PENDING');
    if (open === undefined) return;
    const facts = {
      actor: this.#who(by),
      invitationId: 'i',
      invitation: open.props,
      space: this.#space,
      inviterRole: this.#who(open.props.inviterId).role,
      isBlocked: false,
    };
    const decision = decideAnswer(facts, accept);
    if (!decision.ok) return;
    open.props = { ...open.props, state: decision.value.answer.state };
    if (decision.value.joined) this.members.set(by, decision.value.joined.role);
  }
}

describe('a space, whatever is done to it', () => {
  test('always has an owner, is never over capacity, and nobody waits for two answers', () => {
    const property = fc.property(
      fc.constantFrom<SpaceKind>('SOCIAL', 'COLLABORATION'),
      fc.integer({ min: 1, max: 5 }),
      commands,
      (kind, capacity, steps) => {
        const model = new Model(kind, capacity);
        for (const step of steps) {
          const before = new Map(model.members);
          model.apply(step);
          expect(model.owners).toBeGreaterThanOrEqual(1);
          expect(model.members.size).toBeLessThanOrEqual(capacity);
          const waiting = model.invitations
            .filter(({ props }) => props.state === 'PENDING')
            .map(({ props }) => props.inviteeId);
          expect(new Set(waiting).size).toBe(waiting.length);
          // Nobody comes by power but from somebody who had it.
          const raised = [...model.members].filter(([id, held]) => held === 'OWNER' && before.get(id) !== 'OWNER');
          if (raised.length > 0) expect([...before.values()]).toContain('OWNER');
        }
      },
    );
    fc.assert(property, { numRuns: 500 });
  });
});
