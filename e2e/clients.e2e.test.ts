import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CommunityPlatform, startCommunityPlatform } from './community-platform.ts';
import { type StandardClient, standardClients } from './standard-clients.ts';

const pause = (ms: number): Promise<false> => new Promise((resolve) => setTimeout(() => resolve(false), ms));

// Goal: who knows only the standards needs to learn nothing to use the platform.
describe('clients that others wrote', () => {
  let platform: CommunityPlatform;
  let token = '';

  beforeAll(async () => {
    platform = await startCommunityPlatform();
    token = await platform.token('bob');
  }, 60_000);
  afterAll(() => platform.remove(), 30_000);

  describe.each(Object.entries(standardClients))('%s', (name, create) => {
    let client: StandardClient;
    beforeAll(() => {
      client = create({ endpoint: `${platform.url}/graphql`, token });
    });
    afterAll(() => client.close());

    test('queries, with variables and across subgraphs', async () => {
      const text =
        'query ($username: String!) { creator(username: $username) { displayName artifacts { nodes { title } } followers { nodes { username } } } }';
      expect(await client.query(text, { username: 'ann' })).toMatchObject({
        creator: {
          displayName: 'ANN',
          artifacts: { nodes: [{ title: 'canary-title-song' }] },
          followers: { nodes: [{ username: 'bob' }] },
        },
      });
    });

    test('is told what it asked wrongly', async () => {
      await expect(client.query('query { creators(first: 10000) { nodes { id } } }', {})).rejects.toThrow('1 to 100');
    });

    test('mutates, and follows what comes of it', async () => {
      const join = 'mutation ($id: ID!) { joinSpace(input: { spaceId: $id }) { userErrors { code } } }';
      const post =
        'mutation ($id: ID!, $body: String!) { postToSpace(input: { spaceId: $id, body: $body }) { post { body } userErrors { code } } }';
      const feed = 'subscription ($id: ID!) { collaborationEvents(spaceId: $id) { actor { username } post { body } } }';
      const [id, body] = [platform.spaceId, `hello from ${name}`];
      await client.mutate(join, { id });
      const event = client.first(feed, { id });
      const came = event.then(() => true);
      // Nothing tells when a subscription stands: it is posted until the first event comes.
      for (let isThere = false, n = 0; !isThere && n < 200; n += 1) {
        expect(await client.mutate(post, { id, body })).toMatchObject({
          postToSpace: { post: { body }, userErrors: [] },
        });
        isThere = await Promise.race([came, pause(50)]);
      }
      expect(await event).toMatchObject({ collaborationEvents: { actor: { username: 'bob' }, post: { body } } });
    });
  });
});
