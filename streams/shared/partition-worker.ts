import { parentPort, workerData } from 'node:worker_threads';
import { packOutgoing, unpackRecords } from './packed-records.ts';
import type { PackedHandled, Request, Response, Task, ThreadStart } from './partition-thread.ts';
import { LocalPartitions } from './partitions.ts';
import type { AnyProcessor } from './rebuild-state.ts';

/** The other end of `partition-thread.ts`: a processor's partitions, asked one after the other. */
const { place, changelog, checksRows } = workerData as ThreadStart;
type Exported = AnyProcessor | ((...args: readonly unknown[]) => AnyProcessor) | undefined;
const exported = ((await import(place.module)) as Readonly<Record<string, Exported>>)[place.name];
const processor = typeof exported === 'function' ? exported(...(place.args ?? [])) : exported;
if (!processor || !parentPort) throw new TypeError(`${place.module} exports no processor ${place.name}`);
const port = parentPort;
const partitions = new LocalPartitions(processor, { changelog, checksRows, nowMs: Date.now });

function run(task: Task): PackedHandled | undefined {
  switch (task.kind) {
    case 'begin':
      partitions.begin(task.partition);
      return undefined;
    case 'end':
      partitions.end(task.partition);
      return undefined;
    case 'restore':
      partitions.restore(task.partition, unpackRecords(task.records));
      return undefined;
    case 'handle': {
      const handled = partitions.handle(task.partition, unpackRecords(task.records));
      return { ...handled, outgoing: packOutgoing(handled.outgoing) };
    }
  }
}

port.on('message', ({ number, task }: Request) => {
  let response: Response;
  try {
    response = { number, result: run(task) };
  } catch (error) {
    response = { number, error: error instanceof Error ? error : new Error(String(error)) };
  }
  port.postMessage(response);
});
