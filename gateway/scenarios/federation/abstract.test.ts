import { abstractScenarios } from './abstract-types.ts';
import { describeScenarios } from './describe.ts';
import { interfaceObjects } from './interface-objects.ts';
import { unions } from './unions.ts';

// Goal: interfaces and unions are answered as one schema would, however their members are spread over subgraphs.
describeScenarios([...abstractScenarios, ...unions, ...interfaceObjects]);
