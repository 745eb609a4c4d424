import { describeScenarios } from './describe.ts';
import { overrides } from './override.ts';
import { provisions } from './provides.ts';
import { requirements } from './requires.ts';

// Goal: a field gets exactly what it requires, and comes from the subgraph that provides it, owns it or has taken it over.
describeScenarios([...requirements, ...provisions, ...overrides]);
