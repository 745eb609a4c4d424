import { createProcessor } from '../shared/processor.ts';
import type { ProcessorConfig } from '../shared/processor-config.ts';
import type { Stage, StageDeps } from '../shared/stage.ts';
import { pipe } from '../shared/step.ts';
import {
  type CanonMessage,
  chainHeads,
  decideStatus,
  decode,
  extendChain,
  leafCount,
  takenEvents,
  verifyBytes,
  writeRecords,
} from './steps.ts';

type Outputs = 'canonRecords' | 'canonStatus';

/** Checks every event against its own bytes and its entity's chain, decides its status and writes both down. */
export const canonProcessor: ProcessorConfig<CanonMessage, Outputs> = {
  name: 'canon',
  input: 'events',
  outputs: ['canonRecords', 'canonStatus'],
  stores: [takenEvents, chainHeads, leafCount],
  decode,
  handle: pipe(verifyBytes, extendChain, decideStatus, writeRecords),
};

/** The canon processor on a log. Its outputs reach the warehouse through sinks. */
export function createCanonPipeline(deps: StageDeps): Stage {
  return createProcessor(canonProcessor, deps);
}
