import { describe, expect, test } from '@jest/globals';
import { type CreateFacts, type SpaceDraft, decideCreateSpace } from './create-space.ts';
import { codes } from './testing.ts';

const facts: CreateFacts = {
  founderId: 'ada',
  isPlatform: false,
  spaceId: 'lab',
  isTaken: false,
  roleInParent: null,
  nowIso: '2018-03-12T09:00:00.000Z',
};
const draft: SpaceDraft = {
  name: ' Quantum lab ',
  kind: 'SOCIAL',
  description: 'Come in',
  capacity: 10,
  parentId: null,
};

describe('making a space', () => {
  test('its name and description are not in the public payload', () => {
    const decision = decideCreateSpace(facts, draft);
    if (!decision.ok) throw new Error(JSON.stringify(decision.errors));
    expect(decision.value.props).toMatchObject({ name: 'Quantum lab', createdBy: 'ada' });
    expect(decision.value.payload).toEqual({ spaceId: 'lab', kind: 'SOCIAL', capacity: 10, parentId: null });
  });

  test('inside another only for those who look after that one', () => {
    const nested = { ...draft, parentId: 'house' };
    expect(
      (['OWNER', 'MODERATOR', 'MEMBER', 'OBSERVER', null] as const).map((roleInParent) =>
        codes(decideCreateSpace({ ...facts, roleInParent }, nested)),
      ),
    ).toEqual([[], [], ['FORBIDDEN'], ['FORBIDDEN'], ['FORBIDDEN']]);
  });

  test('what does not fit is named', () => {
    const decision = decideCreateSpace(facts, { ...draft, name: '', description: 'x'.repeat(2_001), capacity: 0 });
    expect(decision.ok ? [] : decision.errors.map((error) => error.path[1])).toEqual([
      'name',
      'description',
      'capacity',
    ]);
    expect(codes(decideCreateSpace({ ...facts, isTaken: true }, draft))).toEqual(['TAKEN']);
    expect(codes(decideCreateSpace({ ...facts, isPlatform: true }, draft))).toEqual(['FORBIDDEN']);
  });
});
