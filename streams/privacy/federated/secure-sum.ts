/**
 * Secure aggregation: the server learns the sum of its clients' vectors and nothing about any one of them, also when clients drop out midway (Bonawitz et al. 2017, "Practical secure aggregation"). Every
 * message is plain JSON. Each client shares masks and secrets with its neighbours on a ring only, which keeps the work of a client from growing with the number of clients (Bell et al. 2020).
 *
 * Four steps: `keys` → `shares` → `masked` → `reveal`. Whoever follows the protocol but looks at everything, the server included, learns nothing more as long as fewer than `threshold` of any client's neighbours work
 * together. A server that lies (tells clients different rosters) is outside this: it would take signatures under keys that clients know beforehand.
 */
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Share, joinSecret, secretBytes, splitSecret } from '../domain/federated/shamir.ts';
import { parseJson } from '../../shared/parse-json.ts';
import {
  type AgreementKey,
  agree,
  makeAgreementKey,
  openFrom,
  privateBytes,
  restoreAgreementKey,
  sealFor,
} from './key-agreement.ts';
import { type RingVector, accumulate, fromRing, maskOf, toRing } from './ring.ts';

export interface SumPlan {
  /** Names the round: keys and masks are for this round alone. */
  readonly round: string;
  /** Coordinates of a vector. */
  readonly length: number;
  /** How many neighbours a client has; even, or one less than there are clients. */
  readonly neighbours: number;
  /** How many neighbours must stay for a client's mask to be taken off: more than half of them. */
  readonly threshold: number;
}

export interface KeyMessage {
  /** The client's place in the roster, from 1 on. */
  readonly client: number;
  readonly maskKey: string;
  readonly shareKey: string;
}

/** Shares of a client's two secrets for one neighbour, which alone can read them. */
export interface ShareMessage {
  readonly from: number;
  readonly to: number;
  readonly sealed: string;
}

export interface MaskedMessage {
  readonly client: number;
  readonly vector: readonly number[];
}

/** Of each neighbour one share: of the own mask's seed where it stayed, of its mask key where it dropped out. Never both. */
export interface RevealMessage {
  readonly client: number;
  readonly seeds: Readonly<Record<number, string>>;
  readonly keys: Readonly<Record<number, string>>;
}

export class SecureSumError extends Error {
  override readonly name = 'SecureSumError';
}

/** Neighbours of a client among `clients`: the nearest on both sides of a ring. */
export function neighboursOf(
  client: number,
  clients: number,
  { neighbours }: Pick<SumPlan, 'neighbours'>,
): readonly number[] {
  if (neighbours >= clients - 1) return Array.from({ length: clients }, (_, n) => n + 1).filter((n) => n !== client);
  return Array.from({ length: neighbours / 2 }, (_, n) => n + 1).flatMap((step) => [
    ((client - 1 + step) % clients) + 1,
    ((client - 1 - step + clients) % clients) + 1,
  ]);
}

function checkPlan({ neighbours, threshold, length }: SumPlan, clients: number): void {
  const degree = Math.min(neighbours, clients - 1);
  if (clients < 3) throw new SecureSumError(`a sum needs at least 3 clients, there are ${clients}`);
  if (degree < clients - 1 && degree % 2 !== 0) throw new SecureSumError('neighbours must be even');
  if (!(threshold > degree / 2 && threshold <= degree))
    throw new SecureSumError(`threshold must be more than half of the ${degree} neighbours, and at most all of them`);
  if (!(length >= 1)) throw new SecureSumError('length must be at least 1');
}

/** What a neighbour gave to keep: a share of each of its secrets, in hex. */
const keptSchema = z.strictObject({
  seed: z.string().regex(/^[0-9a-f]{1,132}$/),
  key: z.string().regex(/^[0-9a-f]{1,132}$/),
});

const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
const bytesOf = (secret: bigint): Buffer => Buffer.from(secret.toString(16).padStart(2 * secretBytes, '0'), 'hex');
const coefficient = (): bigint => numberOf(randomBytes(74));

/** The mask that two neighbours share: added by the one with the lower place, subtracted by the other, so that it vanishes in the sum. */
function pairMask(own: AgreementKey, peerKey: string, { round, length }: SumPlan): RingVector {
  return maskOf(agree(own, peerKey), `pair|${round}`, length);
}

const signFor = (client: number, peer: number): 1 | -1 => (client < peer ? 1 : -1);

/** One client's part. Its secrets never leave it but as shares. */
export class SumClient {
  readonly #plan: SumPlan;
  readonly #client: number;
  readonly #maskKey = makeAgreementKey();
  readonly #shareKey = makeAgreementKey();
  readonly #seed = randomBytes(secretBytes);
  #roster: ReadonlyMap<number, KeyMessage> = new Map();
  #neighbours: readonly number[] = [];
  /** By neighbour: what it gave us to keep. */
  readonly #kept = new Map<number, z.infer<typeof keptSchema>>();
  /** By neighbour: what is in common with it, for its shares. */
  readonly #secrets = new Map<number, Buffer>();
  #hasMasked = false;
  #hasRevealed = false;

  constructor(client: number, plan: SumPlan) {
    this.#client = client;
    this.#plan = plan;
  }

  keys(): KeyMessage {
    return { client: this.#client, maskKey: this.#maskKey.publicKey, shareKey: this.#shareKey.publicKey };
  }

  /** Splits both secrets among the neighbours. Throws SecureSumError for a roster that the plan does not fit. */
  shares(roster: readonly KeyMessage[]): readonly ShareMessage[] {
    checkPlan(this.#plan, roster.length);
    if (new Set(roster.flatMap(({ maskKey, shareKey }) => [maskKey, shareKey])).size !== 2 * roster.length)
      throw new SecureSumError('two clients of the roster have the same key');
    this.#roster = new Map(roster.map((keys) => [keys.client, keys]));
    this.#neighbours = neighboursOf(this.#client, roster.length, this.#plan);
    const split = (secret: Uint8Array): ReadonlyMap<number, Share> =>
      new Map(
        splitSecret(numberOf(secret), {
          threshold: this.#plan.threshold,
          holders: this.#neighbours,
          coefficient,
        }).map((share) => [share.at, share]),
      );
    const [seeds, keys] = [split(this.#seed), split(privateBytes(this.#maskKey))];
    return this.#neighbours.map((to) => {
      const text = JSON.stringify({ seed: seeds.get(to)?.value.toString(16), key: keys.get(to)?.value.toString(16) });
      return { from: this.#client, to, sealed: sealFor(this.#secretWith(to), this.#purpose(this.#client, to), text) };
    });
  }

  /**
   * Takes the neighbours' shares, and gives the masked vector. Neighbours that sent none have dropped out: no mask is shared with them. Once only: under the same masks a second vector would tell its
   * difference to the first.
   */
  masked(inbox: readonly ShareMessage[], values: readonly number[]): MaskedMessage {
    if (this.#hasMasked)
      throw new SecureSumError(`client ${this.#client} has masked a vector already: send that again`);
    if (values.length !== this.#plan.length)
      throw new SecureSumError(`a vector of ${this.#plan.length} coordinates is summed, not of ${values.length}`);
    if (values.some((value) => !Number.isSafeInteger(value) || Math.abs(value) >= 2 ** 31))
      throw new SecureSumError('coordinates must be whole numbers within ±2^31');
    for (const { from, to, sealed } of inbox) {
      if (to !== this.#client || !this.#neighbours.includes(from))
        throw new SecureSumError(`client ${this.#client} got a share that is not for it`);
      this.#kept.set(
        from,
        keptSchema.parse(parseJson(openFrom(this.#secretWith(from), this.#purpose(from, to), sealed))),
      );
    }
    if (this.#kept.size < this.#plan.threshold)
      throw new SecureSumError(`only ${this.#kept.size} neighbours are there, ${this.#plan.threshold} are needed`);
    this.#hasMasked = true;
    const sum = toRing(values);
    accumulate(sum, maskOf(this.#seed, `own|${this.#plan.round}`, this.#plan.length));
    for (const peer of this.#kept.keys())
      accumulate(sum, pairMask(this.#maskKey, this.#keysOf(peer).maskKey, this.#plan), signFor(this.#client, peer));
    return { client: this.#client, vector: Array.from(sum) };
  }

  /**
   * Gives the shares that take the masks off, given who sent a masked vector. Once only: a second list could get both secrets of one client, and with them its vector.
   */
  reveal(survivors: readonly number[]): RevealMessage {
    if (this.#hasRevealed) throw new SecureSumError(`client ${this.#client} has revealed its shares already`);
    const stayed = new Set(survivors);
    const staying = [...this.#kept.keys()].filter((peer) => stayed.has(peer));
    if (staying.length < this.#plan.threshold)
      throw new SecureSumError(`only ${staying.length} neighbours stayed, ${this.#plan.threshold} are needed`);
    this.#hasRevealed = true;
    const pick = (part: 'seed' | 'key', isStaying: boolean): Record<number, string> =>
      Object.fromEntries(
        [...this.#kept].filter(([peer]) => stayed.has(peer) === isStaying).map(([peer, kept]) => [peer, kept[part]]),
      );
    return { client: this.#client, seeds: pick('seed', true), keys: pick('key', false) };
  }

  #keysOf(peer: number): KeyMessage {
    const keys = this.#roster.get(peer);
    if (!keys) throw new SecureSumError(`client ${peer} is not in the roster`);
    return keys;
  }

  #secretWith(peer: number): Buffer {
    const known = this.#secrets.get(peer) ?? agree(this.#shareKey, this.#keysOf(peer).shareKey);
    this.#secrets.set(peer, known);
    return known;
  }

  #purpose(from: number, to: number): string {
    return `share|${this.#plan.round}|${from}|${to}`;
  }
}

/**
 * The server's last step: takes the masks off and gives the sum over those who sent a vector. `inboxes` says who had given shares before, as the masks of those who dropped out after that must go
 * too. A vector that came twice counts once. Throws SecureSumError where too few stayed, or where one client sent two different vectors.
 */
export function unmask(
  plan: SumPlan,
  roster: readonly KeyMessage[],
  messages: {
    readonly shares: readonly ShareMessage[];
    readonly masked: readonly MaskedMessage[];
    readonly reveals: readonly RevealMessage[];
  },
): readonly number[] {
  const keys = new Map(roster.map((each) => [each.client, each]));
  const sharers = new Set(messages.shares.map(({ from }) => from));
  const vectors = vectorsOf(plan, messages.masked);
  const survivors = new Set(vectors.keys());
  const revealOf = new Map(messages.reveals.map((each) => [each.client, each]));
  const secretOf = (owner: number, part: 'seeds' | 'keys'): Buffer => {
    const shares = neighboursOf(owner, roster.length, plan).flatMap((at) => {
      const value = revealOf.get(at)?.[part][owner];
      return value === undefined ? [] : [{ at, value: BigInt(`0x${value}`) }];
    });
    if (shares.length < plan.threshold)
      throw new SecureSumError(
        `round ${plan.round}: ${shares.length} shares of client ${owner} are there, ${plan.threshold} are needed: too many dropped out`,
      );
    return bytesOf(joinSecret(shares.slice(0, plan.threshold)));
  };
  const sum: RingVector = new Uint32Array(plan.length);
  for (const [client, vector] of vectors) {
    accumulate(sum, vector);
    accumulate(sum, maskOf(secretOf(client, 'seeds'), `own|${plan.round}`, plan.length), -1);
  }
  for (const dropped of [...sharers].filter((client) => !survivors.has(client))) {
    const key = restoreAgreementKey(secretOf(dropped, 'keys'));
    if (key.publicKey !== keys.get(dropped)?.maskKey)
      throw new SecureSumError(`round ${plan.round}: the shares of client ${dropped} do not give its key`);
    for (const peer of neighboursOf(dropped, roster.length, plan)) {
      const peerKeys = keys.get(peer);
      if (peerKeys && survivors.has(peer))
        accumulate(sum, pairMask(key, peerKeys.maskKey, plan), signFor(dropped, peer));
    }
  }
  return fromRing(sum);
}

/** The masked vectors by client. A network may hand a message over twice, and masks cancel only where each vector is added once. */
function vectorsOf({ round }: SumPlan, masked: readonly MaskedMessage[]): ReadonlyMap<number, RingVector> {
  const vectors = new Map<number, RingVector>();
  for (const { client, vector } of masked) {
    const [before, now] = [vectors.get(client), Uint32Array.from(vector)];
    if (before && (before.length !== now.length || before.some((value, at) => value !== now[at])))
      throw new SecureSumError(`round ${round}: client ${client} sent two different vectors`);
    vectors.set(client, now);
  }
  return vectors;
}
