import { type Dice, diceOf } from '../../streams/canon/domain/dice.ts';

/** Ids by the names that a workload gives to what it makes. */
export type Known = ReadonlyMap<string, string>;

/** One mutation. Within a lane they follow each other; lanes go on side by side, and wait for each other between phases. */
export interface Step {
  /** Its idempotency key. */
  readonly key: string;
  /** The login that sends it. */
  readonly by: string;
  readonly mutation: string;
  readonly input: (known: Known) => Readonly<Record<string, unknown>>;
  /** What of the answer has an id, and the name to keep it under. */
  readonly made: 'creator' | 'artifact' | 'space' | 'post' | 'contribution' | null;
  readonly name: string | null;
  /** It changes the creator's own record and needs its version. */
  readonly ownVersion?: true;
}

export interface Workload {
  readonly creators: readonly string[];
  /** Whose last mutation is to erase themselves; with words that then must be nowhere. */
  readonly erased: string | null;
  /** By phase, by lane. */
  readonly phases: readonly (readonly (readonly Step[])[])[];
}

/** Stands in every text of the creator who is erased. */
export const canary = 'Zanarium';

const lanes = 3;

const idOf = (known: Known, name: string): string => {
  const id = known.get(name);
  if (id === undefined) throw new Error(`nothing is known as ${name} yet`);
  return id;
};

/** A small community at work: the same steps for the same variant, whatever happens to the platform meanwhile. */
export function workloadOf(variant: number): Workload {
  const creators = Array.from({ length: 6 + (variant % 2) }, (_, index) => `chaos-${variant}-${index}`);
  const erased = variant % 2 === 0 ? null : (creators.at(-1) ?? null);
  const community: Community = { variant, creators, erased, dice: diceOf(variant + 1), step: stepMaker(variant) };
  const phases = [register, publish, open, meet, talk, leave].map((phase) => phase(community));
  return { creators, erased, phases: phases.map((steps) => byLane(creators, steps)) };
}

interface Community {
  readonly variant: number;
  readonly creators: readonly string[];
  readonly erased: string | null;
  readonly dice: Dice;
  readonly step: (
    by: string,
    mutation: string,
    made: Step['made'],
    rest: Pick<Step, 'input' | 'ownVersion'> & { name?: string },
  ) => Step;
}

function stepMaker(variant: number): Community['step'] {
  let keys = 0;
  return (by, mutation, made, rest) => ({ name: null, ...rest, key: `${variant}-${(keys += 1)}`, by, mutation, made });
}

const text = ({ erased }: Community, by: string, what: string): string => `${by === erased ? canary : 'words'} ${what}`;
const workOf = (by: string, n: number): string => `${by} work ${n}`;
const titleOf = ({ erased }: Community, by: string, title: string): string =>
  by === erased ? `${canary} ${title.slice(-6)}` : title;

function register(community: Community): readonly Step[] {
  return community.creators.map((by) =>
    community.step(by, 'registerCreator', 'creator', {
      name: by,
      input: () => ({
        username: by,
        displayName: text(community, by, 'name'),
        bio: text(community, by, 'bio'),
        type: 'ARTIST',
        skills: ['music'],
        publicMetrics: ['QUALITY'],
      }),
    }),
  );
}

function publish(community: Community): readonly Step[] {
  return community.creators.flatMap((by) =>
    [0, 1].map((n) =>
      community.step(by, 'publishArtifact', 'artifact', {
        name: workOf(by, n),
        input: () => ({
          title: titleOf(community, by, workOf(by, n)),
          kind: 'MEDIA',
          summary: text(community, by, 'summary'),
          tags: ['music'],
        }),
      }),
    ),
  );
}

function open({ variant, creators: [host = ''], step }: Community): readonly Step[] {
  return [
    step(host, 'createSpace', 'space', { name: 'room', input: () => ({ name: `room ${variant}`, kind: 'SOCIAL' }) }),
  ];
}

function meet(community: Community): readonly Step[] {
  const { creators, dice, step } = community;
  return creators.flatMap((by, index) => {
    const [first = '', second = '', third = ''] = dice.shuffle(creators.filter((name) => name !== by));
    const judge = (work: string): Step =>
      step(by, 'judgeArtifact', 'artifact', {
        input: (known) => ({ artifactId: idOf(known, work), polarity: 'POSITIVE' }),
      });
    return [
      step(by, 'follow', 'creator', { input: (known) => ({ creatorId: idOf(known, first) }) }),
      judge(workOf(second, 0)),
      judge(workOf(third, 1)),
      step(by, 'deriveArtifact', 'artifact', {
        input: (known) => ({
          title: titleOf(community, by, `${by} remix`),
          kind: 'MEDIA',
          derivedFrom: [idOf(known, workOf(first, 0))],
        }),
      }),
      step(by, 'endorse', 'creator', {
        input: (known) => ({ creatorId: idOf(known, second), skill: 'music', note: text(community, by, 'note') }),
      }),
      ...(index === 0
        ? []
        : [step(by, 'joinSpace', 'space', { input: (known) => ({ spaceId: idOf(known, 'room') }) })]),
    ];
  });
}

function talk(community: Community): readonly Step[] {
  return community.creators.flatMap((by) => [
    community.step(by, 'postToSpace', 'post', {
      input: (known) => ({ spaceId: idOf(known, 'room'), body: text(community, by, `post of ${by}`) }),
    }),
    community.step(by, 'updateProfile', 'creator', {
      ownVersion: true,
      input: () => ({ bio: text(community, by, 'second bio') }),
    }),
  ]);
}

function leave({ erased, step }: Community): readonly Step[] {
  if (erased === null) return [];
  return [step(erased, 'eraseCreator', 'creator', { ownVersion: true, input: () => ({ confirmUsername: erased }) })];
}

/** A creator's steps stay in one lane. */
function byLane(creators: readonly string[], steps: readonly Step[]): readonly (readonly Step[])[] {
  return Array.from({ length: lanes }, (_, lane) => steps.filter(({ by }) => creators.indexOf(by) % lanes === lane));
}
