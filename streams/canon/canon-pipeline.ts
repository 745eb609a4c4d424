import { createProcessor } from '../shared/processor.ts';
import type { ProcessorConfig } from '../shared/processor-config.ts';
import type { Stage, StageDeps } from '../shared/stage.ts';
import { type Step, done, pipe } from '../shared/step.ts';
import { disputedRows, dockets, nextDue, rejectedEvents, unlooked, waiters, waitingFor } from './docket.ts';
import { type CanonOutputs, goOn } from './reconsider.ts';
import { decideStatus, escalateOverdue } from './resolve-steps.ts';
import { type CanonMessage, type TickMessage, decode, verifyBytes, verifyLink } from './steps.ts';
import { chainHeads, leafCount, takenEvents } from './stores.ts';
import { hearVoice } from './voice-steps.ts';

const takeEvent: Step<CanonMessage, void, CanonOutputs> = pipe(verifyBytes, verifyLink, decideStatus, hearVoice);

const take: Step<CanonMessage | TickMessage, void, CanonOutputs> = (message, context) => {
  const wentOn = goOn(context);
  if (message.event !== null) return takeEvent(message, context);
  const result = escalateOverdue(message, context);
  // What a dropped message wrote would not be kept.
  return wentOn ? done : result;
};

/** Checks every event against its own bytes and its entity's chain, decides its status and writes both down. */
export const canonProcessor: ProcessorConfig<CanonMessage | TickMessage, CanonOutputs> = {
  name: 'canon',
  input: 'events',
  outputs: ['canonRecords', 'canonStatus', 'canonCases', 'canonBranches'],
  stores: [
    ...[takenEvents, chainHeads, dockets, disputedRows, rejectedEvents],
    ...[waiters, waitingFor, unlooked, nextDue, leafCount],
  ],
  decode,
  handle: take,
  place: { module: import.meta.url, name: 'canonProcessor' },
};

/** The canon processor on a log. Its outputs reach the warehouse through sinks. */
export function createCanonPipeline(deps: StageDeps): Stage {
  return createProcessor(canonProcessor, deps);
}
