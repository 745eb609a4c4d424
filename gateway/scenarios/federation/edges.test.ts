import { describeScenarios } from './describe.ts';
import { failures } from './failures.ts';
import { inputs } from './inputs.ts';
import { operations } from './operations.ts';

// Goal: what clients send and what subgraphs answer, odd as it may be, comes out as the specification says.
describeScenarios([...operations, ...inputs, ...failures]);
