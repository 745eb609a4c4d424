import { describe, expect, test } from '@jest/globals';
import { type PostFacts, decidePost } from './post.ts';
import { codes, noSpace, spaceProps } from './testing.ts';

const facts: PostFacts = {
  actor: { id: 'bob', role: 'MEMBER' },
  postId: 'p',
  isTaken: false,
  space: { id: 'lab', props: spaceProps() },
  answered: null,
};

describe('posting', () => {
  test('the body is not in the public payload', () => {
    expect(decidePost(facts, 'a secret')).toEqual({ ok: true, value: { spaceId: 'lab', inReplyTo: null } });
  });

  test('observers read, strangers do not even know', () => {
    expect(codes(decidePost({ ...facts, actor: { id: 'bob', role: 'OBSERVER' } }, 'x'))).toEqual(['FORBIDDEN']);
    expect(codes(decidePost({ ...facts, actor: { id: 'bob', role: null } }, 'x'))).toEqual(['NOT_FOUND']);
    expect(
      codes(
        decidePost(
          { ...facts, actor: { id: 'bob', role: null }, space: { id: 'lab', props: spaceProps({ kind: 'SOCIAL' }) } },
          'x',
        ),
      ),
    ).toEqual(['FORBIDDEN']);
    expect(codes(decidePost({ ...facts, space: noSpace }, 'x'))).toEqual(['NOT_FOUND']);
  });

  test('an answer stays in its space; empty and oversized bodies are refused', () => {
    expect(decidePost({ ...facts, answered: { id: 'q', spaceId: 'lab' } }, 'x')).toMatchObject({
      value: { inReplyTo: 'q' },
    });
    expect(codes(decidePost({ ...facts, answered: { id: 'q', spaceId: 'elsewhere' } }, 'x'))).toEqual(['NOT_FOUND']);
    expect(codes(decidePost({ ...facts, answered: { id: 'q', spaceId: null } }, 'x'))).toEqual(['NOT_FOUND']);
    expect(codes(decidePost(facts, '\n '))).toEqual(['INVALID']);
    expect(codes(decidePost(facts, 'x'.repeat(10_001)))).toEqual(['INVALID']);
    expect(codes(decidePost({ ...facts, isTaken: true }, 'x'))).toEqual(['TAKEN']);
  });
});
