import { afterAll, beforeAll, describe } from '@jest/globals';
import { appending } from './conformance/appending.ts';
import { consuming } from './conformance/consuming.ts';
import { groups } from './conformance/groups.ts';
import { modelled } from './conformance/model.ts';
import { type EventLogAdapter, Subject } from './conformance/subject.ts';
import { tailing } from './conformance/tailing.ts';

export type { EventLogAdapter } from './conformance/subject.ts';

/** What every event log must do, whatever it runs on. `makeAdapter` gives an adapter with an empty storage of its own. */
export function eventLogConformance(engine: string, makeAdapter: () => Promise<EventLogAdapter>): void {
  describe(`the event log on ${engine}`, () => {
    const subject = new Subject(makeAdapter);
    beforeAll(() => subject.start());
    afterAll(() => subject.stop());
    describe('appending and reading', () => appending(subject));
    describe('consuming', () => consuming(subject));
    describe('groups', () => groups(subject));
    describe('tailing', () => tailing(subject));
    describe('anything at any time', () => modelled(subject));
  });
}
