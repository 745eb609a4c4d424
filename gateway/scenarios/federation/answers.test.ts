import { contexts } from './contexts.ts';
import { describeScenarios } from './describe.ts';
import { failures } from './failures.ts';
import { inputs } from './inputs.ts';
import { operations } from './operations.ts';
import { overrides } from './override.ts';
import { provisions } from './provides.ts';
import { requirements } from './requires.ts';

// Goal: a field gets exactly what it requires and comes from who provides it, owns it or has taken it over; and what clients
// send and subgraphs answer, odd as it may be, comes out as the specification says.
describeScenarios([...requirements, ...provisions, ...overrides, ...contexts, ...operations, ...inputs, ...failures]);
