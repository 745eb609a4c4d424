import { abstractScenarios } from './abstract-types.ts';
import { describeScenarios } from './describe.ts';
import { entityCalls } from './entity-calls.ts';
import { external } from './external.ts';
import { interfaceObjects } from './interface-objects.ts';
import { unions } from './unions.ts';

// Goal: entities are found by every kind of key, in supergraphs of both federation versions, and interfaces and unions are
// answered as one schema would, however their members are spread over subgraphs.
describeScenarios([...entityCalls, ...external, ...abstractScenarios, ...unions, ...interfaceObjects]);
