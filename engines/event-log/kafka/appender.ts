import type { AppendResult } from '../port.ts';
import { type Place, type PlacedRecord, Transactions } from './transactions.ts';
import type { Wire } from './wire.ts';

/** Records that one transaction takes from calls that wait. */
const recordsMax = 10_000;

interface Call {
  readonly records: readonly PlacedRecord[];
  readonly resolve: (results: readonly AppendResult[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Appends in transactions, one at a time; calls that come meanwhile share the next one. */
export class Appender {
  readonly #wire: Wire;
  readonly #transactionalId: string;
  readonly #waiting: Call[] = [];
  #transactions: Promise<Transactions> | null = null;
  #working: Promise<void> | null = null;

  /** The id is this process's own: nobody else may have it. */
  constructor(wire: Wire, transactionalId: string) {
    this.#wire = wire;
    this.#transactionalId = transactionalId;
  }

  append(records: readonly PlacedRecord[]): Promise<readonly AppendResult[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly AppendResult[]>();
    this.#waiting.push({ records, resolve, reject });
    this.#working ??= this.#work().finally(() => (this.#working = null));
    return promise;
  }

  /** Resolves when every call that was made is answered. */
  async idle(): Promise<void> {
    while (this.#working !== null) await this.#working;
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) await this.#commit(this.#take());
  }

  #take(): readonly Call[] {
    const calls: Call[] = [];
    let records = 0;
    while (
      this.#waiting[0] !== undefined &&
      (calls.length === 0 || records + this.#waiting[0].records.length <= recordsMax)
    ) {
      const call = this.#waiting.shift() as Call;
      records += call.records.length;
      calls.push(call);
    }
    return calls;
  }

  async #commit(calls: readonly Call[]): Promise<void> {
    try {
      const transactions = await (this.#transactions ??= Transactions.open(this.#wire, this.#transactionalId));
      const places = await transactions.commit(
        calls.flatMap(({ records }) => records),
        [],
      );
      let from = 0;
      for (const { records, resolve } of calls) {
        resolve(places.slice(from, from + records.length).map((place: Place) => ({ ...place, duplicate: false })));
        from += records.length;
      }
    } catch (error) {
      // Opening the id anew undoes whatever is left of it.
      this.#transactions = null;
      for (const { reject } of calls) reject(error);
    }
  }
}
