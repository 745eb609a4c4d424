import type { EdgeType, NodeType } from '../../../schema/graph/catalogue.ts';
import type { Direction } from '../port.ts';
import type { Run } from './cypher.ts';
import type { StoredProps } from './encoding.ts';
import { countEdges, findStoredEdges } from './neighbours.ts';
import { nodesBy } from './reader.ts';

/** As many as keep the server busy: what is asked meanwhile makes the next batch larger. */
const underWayMax = 2;

export interface EdgeEnds {
  readonly from: string;
  readonly to: string;
  readonly key: string;
}

interface Question {
  readonly item: unknown;
  readonly answer: PromiseWithResolvers<unknown>;
}

interface Batch {
  readonly questions: Map<string, Question>;
  readonly ask: (run: Run, items: readonly unknown[]) => Promise<readonly unknown[]>;
}

/**
 * Single things that concurrent transactions read, asked for together: one statement per kind of question and round trip, however many
 * transactions wait. A statement costs the server far more than one more value in it.
 */
export class SharedReads {
  readonly #transact: <R>(work: (run: Run) => Promise<R>) => Promise<R>;
  #waiting = new Map<string, Batch>();
  #underWay = 0;
  #isDue = false;

  constructor(transact: <R>(work: (run: Run) => Promise<R>) => Promise<R>) {
    this.#transact = transact;
  }

  /** The node whose property, its id or a unique one, has this value; null where there is none. */
  node(type: NodeType, property: string, value: string): Promise<StoredProps | null> {
    return this.#ask(`node|${type}|${property}`, value, value, async (run, values) => {
      const found = await nodesBy(run, { type, property, values });
      return values.map((each) => found.get(each) ?? null);
    });
  }

  edge(type: EdgeType, ends: EdgeEnds): Promise<StoredProps | null> {
    const key = [ends.from, ends.to, ends.key].join('\0');
    return this.#ask(`edge|${type}`, key, ends, (run, each) => findStoredEdges(run, type, each));
  }

  degree(edge: EdgeType, direction: Direction, id: string): Promise<number> {
    return this.#ask(`degree|${edge}|${direction}`, id, id, (run, ids) => countEdges(run, { edge, direction, ids }));
  }

  #ask<T, R>(
    kind: string,
    key: string,
    item: T,
    ask: (run: Run, items: readonly T[]) => Promise<readonly R[]>,
  ): Promise<R> {
    let batch = this.#waiting.get(kind);
    if (batch === undefined) {
      batch = { questions: new Map(), ask: ask as Batch['ask'] };
      this.#waiting.set(kind, batch);
    }
    let question = batch.questions.get(key);
    if (question === undefined) {
      question = { item, answer: Promise.withResolvers<unknown>() };
      batch.questions.set(key, question);
    }
    this.#soon();
    return question.answer.promise as Promise<R>;
  }

  /** Lets everybody who is ready to ask do so first. */
  #soon(): void {
    if (this.#isDue || this.#underWay >= underWayMax || this.#waiting.size === 0) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      void this.#flush();
    });
  }

  async #flush(): Promise<void> {
    const batches = [...this.#waiting.values()];
    this.#waiting = new Map();
    this.#underWay += 1;
    try {
      await this.#transact((run) => Promise.all(batches.map((batch) => answer(run, batch))));
    } catch (error) {
      for (const { questions } of batches) for (const question of questions.values()) question.answer.reject(error);
    } finally {
      this.#underWay -= 1;
      this.#soon();
    }
  }
}

/** Nobody waits for the end of the transaction, which has nothing to commit. */
async function answer(run: Run, { ask, questions }: Batch): Promise<void> {
  const asked = [...questions.values()];
  const answers = await ask(
    run,
    asked.map(({ item }) => item),
  );
  for (const [n, question] of asked.entries()) question.answer.resolve(answers[n]);
}
