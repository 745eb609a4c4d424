import { expect, test } from '@jest/globals';
import { readConfig } from '../runtime/config.ts';
import { checkTimeouts } from './subgraphs.ts';

test('goal: a time for a subgraph that there is not is refused, with the names of those that there are', () => {
  const withTimes = (times: string): void => checkTimeouts(readConfig({ SUBGRAPH_TIMEOUTS: times }));
  expect(() => withTimes('{"canon":5,"nope":5}')).toThrow(/SUBGRAPH_TIMEOUTS: there is no subgraph nope: .*canon/);
  expect(() => withTimes('{"toString":5}')).toThrow('there is no subgraph toString');
  withTimes('{"canon":5,"reputation":5}');
  withTimes('{}');
});
