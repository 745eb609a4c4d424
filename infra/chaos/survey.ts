import { post } from './client.ts';
import type { Workload } from './workload.ts';

const creatorQuery = `query ($username: String!) { creator(username: $username) {
  username displayName bio type skills publicMetrics followerCount followingCount
  artifacts(first: 50) { nodes { title kind summary tags revision positiveJudgements negativeJudgements derivedFrom(first: 5) { nodes { title } } derivatives(first: 9) { nodes { title } } } }
  followers(first: 50) { nodes { username } } following(first: 50) { nodes { username } } endorsements(first: 50) { totalCount }
} }`;
const spacesQuery =
  '{ spaces(first: 50) { nodes { name memberCount members(first: 50) { nodes { role creator { username } } } posts(first: 50) { nodes { body author { username } } } } } }';

/** What a client sees of the community that a workload made, without ids and times: the same after every run that lost nothing and did nothing twice. */
export async function survey(url: string, { creators, erased }: Workload, token: string): Promise<unknown> {
  const ask = async (query: string, variables: object): Promise<unknown> => {
    const outcome = await post(url, { query, variables, token });
    if (outcome.kind !== 'data') throw new Error(`the survey was not answered: ${outcome.text}`);
    return outcome.data;
  };
  const answers: unknown[] = [];
  for (const username of creators.filter((name) => name !== erased))
    answers.push(await ask(creatorQuery, { username }));
  answers.push(await ask(spacesQuery, {}));
  return inOrder(answers);
}

/** Lists come in the order of ids and times, which differ; names that were made of an id are one name. */
function inOrder(value: unknown): unknown {
  if (typeof value === 'string') return /^erased-/.test(value) ? 'erased' : value;
  if (Array.isArray(value)) {
    const items = value.map(inOrder).map((item) => [JSON.stringify(item), item] as const);
    return items.sort(([a], [b]) => (a < b ? -1 : Number(a > b))).map(([, item]) => item);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inOrder(inner)]));
}
