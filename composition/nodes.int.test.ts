import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readConfig } from '../runtime/config.ts';
import { createLogger } from '../runtime/logger.ts';
import { createSubgraphExecutor } from '../subgraphs/shared/subgraph-executor.ts';
import { type Platform, startPlatform } from './platform.ts';
import { makeSubgraph } from './subgraphs.ts';

// Goal: by its id something is found by whoever may know of it; to all others it is as if there were none, whatever subgraph it is of.
let directory: string;
let platform: Platform;

async function ask<T>(login: string | null, subgraph: string, query: string, variables: object): Promise<T> {
  const execute = createSubgraphExecutor(makeSubgraph(subgraph), platform.dependencies);
  const subject = { issuer: 'test', scopes: ['read', 'write'], expiresAt: Number.MAX_SAFE_INTEGER };
  const claims = login === null ? null : { ...subject, subject: login };
  const { data, errors } = await execute({ query, variables: { ...variables } }, claims);
  if (errors) throw new Error(errors.map(({ message }) => message).join('; '));
  return data as T;
}

/** The id of what a mutation made. */
async function make(login: string, subgraph: string, name: string, what: string, input: object): Promise<string> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { answer: ${name}(input: $input) { made: ${what} { id } userErrors { code message } } }`;
  type Answer = { answer: { made: { id: string } | null; userErrors: readonly { message: string }[] } };
  const { answer } = await ask<Answer>(login, subgraph, query, { input });
  if (answer.made === null) throw new Error(answer.userErrors.map(({ message }) => message).join('; '));
  return answer.made.id;
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'vcos-test-nodes-'));
  const config = readConfig({ DATA_DIR: directory, PORT: '0', LOG_LEVEL: 'silent' });
  platform = await startPlatform(config, createLogger('silent'));
}, 60_000);
afterAll(async () => {
  await platform.stop();
  await rm(directory, { recursive: true, force: true });
}, 30_000);

test('what is private is told to those it is for, and is to others what nobody ever made', async () => {
  const register = (username: string): Promise<string> =>
    make(username, 'creators', 'registerCreator', 'creator', { username, displayName: username, type: 'ARTIST' });
  await register('ada');
  const inviteeId = await register('bob');
  await register('eve');
  const work = { title: 'Work', kind: 'MEDIA' };
  const open = await make('ada', 'artifacts', 'publishArtifact', 'artifact', work);
  const hidden = await make('ada', 'artifacts', 'publishArtifact', 'artifact', { ...work, visibility: 'PRIVATE' });
  const spaceId = await make('ada', 'collaboration', 'createSpace', 'space', { name: 'Room', kind: 'PRODUCTION' });
  const post = await make('ada', 'collaboration', 'postToSpace', 'post', { spaceId, body: 'hello' });
  const invited = { spaceId, inviteeId };
  const invitation = await make('ada', 'collaboration', 'inviteToSpace', 'invitation', invited);

  const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } }';
  const ids = [open, hidden, spaceId, post, invitation, 'nothing'];
  const seenBy = async (login: string | null): Promise<readonly (string | undefined)[]> => {
    type Answer = { nodes: readonly ({ __typename: string } | null)[] };
    return (await ask<Answer>(login, 'creators', query, { ids })).nodes.map((node) => node?.__typename);
  };
  expect(await seenBy('ada')).toEqual(['Artifact', 'Artifact', 'Space', 'Post', 'Invitation', undefined]);
  expect(await seenBy('bob')).toEqual(['Artifact', undefined, 'Space', undefined, 'Invitation', undefined]);
  const stranger = ['Artifact', undefined, undefined, undefined, undefined, undefined];
  expect(await seenBy('eve')).toEqual(stranger);
  expect(await seenBy(null)).toEqual(stranger);
}, 60_000);
