import { describeScenarios } from './describe.ts';
import { entityCalls } from './entity-calls.ts';
import { external } from './external.ts';

// Goal: entities are found by every kind of key, in supergraphs of both federation versions.
describeScenarios([...entityCalls, ...external]);
