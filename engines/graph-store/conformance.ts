import { afterAll, beforeAll, describe } from '@jest/globals';
import { edges } from './conformance/edges.ts';
import { lists } from './conformance/lists.ts';
import { modelled } from './conformance/model.ts';
import { nodes } from './conformance/nodes.ts';
import { paths } from './conformance/paths.ts';
import { type GraphStoreAdapter, Subject } from './conformance/subject.ts';
import { transactions } from './conformance/transactions.ts';

/** What every graph store must do, whatever it runs on. `makeAdapter` gives an adapter with an empty storage of its own. */
export function graphStoreConformance(engine: string, makeAdapter: () => Promise<GraphStoreAdapter>): void {
  describe(`the graph store on ${engine}`, () => {
    const subject = new Subject(makeAdapter);
    beforeAll(() => subject.start());
    afterAll(() => subject.stop());
    describe('nodes', () => nodes(subject));
    describe('lists', () => lists(subject));
    describe('edges', () => edges(subject));
    describe('paths', () => paths(subject));
    describe('transactions', () => transactions(subject));
    describe('anything in any order', () => modelled(subject));
  });
}
