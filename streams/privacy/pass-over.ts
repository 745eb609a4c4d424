import type { EventLog } from '../../engines/event-log/port.ts';
import { changelogTopic } from '../../schema/topics.ts';
import { KeyedState } from '../shared/keyed-state.ts';
import { defaultLimits } from '../shared/processor-config.ts';
import { dayUs, floorTo } from './clock.ts';
import { lengthsUs } from './release-steps.ts';
import { markSealedRange } from './sealed-ranges.ts';
import { marks, releaseStores } from './stores.ts';

const pageRecords = 1_000;

/**
 * Leaves out every live window from the last that this log has closed to the end of the day of `nowUs`: they may have been released by a log that
 * is lost, and a second release of one, with other noise, would tell more than its budget allows. Nothing may run meanwhile. Resolves with the
 * instant from which windows are released again.
 */
export async function passOver(eventLog: EventLog, nowUs: number): Promise<number> {
  const { name: topic } = changelogTopic('privacy', 1);
  await eventLog.ensureTopics([changelogTopic('privacy', 1)]);
  const state = new KeyedState(releaseStores, defaultLimits.stateEntryCharsMax);
  for (let from = 0; ;) {
    const page = await eventLog.read({ topic, partition: 0, from, limit: pageRecords });
    for (const record of page) state.restore(record);
    const last = page.at(-1);
    if (!last) break;
    from = last.offset + 1;
  }
  const untilUs = floorTo(nowUs, dayUs) + dayUs;
  const fromUs = state.get(marks, 'live')?.closedUs;
  // No live window was ever closed: none can have been released.
  if (fromUs == null) return nowUs;
  for (const lengthUs of lengthsUs) markSealedRange(state, lengthUs, [floorTo(fromUs, lengthUs), untilUs]);
  state.keep();
  await eventLog.append(state.takeChanges({ topic, partition: 0 }));
  return untilUs;
}
