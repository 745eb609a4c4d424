import { describe, expect, jest, test } from '@jest/globals';
import { run } from '../e2e/platform-process.ts';

jest.setTimeout(120_000);

// Goal: whoever mistypes a tool's command line is told what it takes, and nothing is begun on it.
describe('a tool', () => {
  test.each<[string, RegExp]>([
    ['infra/federation-audit/main.ts', /^options: --audit VALUE, .*--suite VALUE …, --timeout-ms VALUE \(2000\)$/m],
    ['infra/build-dashboard.ts', /^options: --force$/m],
    ['infra/attack/main.ts', /^it takes no options$/m],
    ['infra/all-tests.ts', /^it takes no options$/m],
  ])('%s --help tells its options; one that it does not have is refused with them', async (script, options) => {
    const help = run(script, ['--help'], {});
    expect(await help.ended).toBe(0);
    expect(help.said()).toMatch(options);
    const mistyped = run(script, ['--sead', '1'], {});
    expect(await mistyped.ended).toBe(2);
    expect(mistyped.said()).toMatch(/^Unknown option '--sead'/);
    expect(mistyped.said()).toMatch(options);
    expect(mistyped.said()).not.toMatch(/^\s+at /m);
  });

  test.each<[string, readonly string[], Record<string, string>, RegExp]>([
    ['gateway/scenarios/differential/main.ts', ['--help'], {}, /^usage: npm run fuzz:federation .*SEEDS/],
    ['gateway/scenarios/differential/main.ts', ['1', '1', 'apolo'], {}, /PLANNER one of auto, hive, apollo/],
    [
      'infra/federation-audit/main.ts',
      ['--audit', '/absent', '--timeout-ms', '2s'],
      {},
      /^--timeout-ms must .* not 2s/,
    ],
    ['infra/jvm/engines.ts', ['up', 'kafka'], { KAFKA_PORT: 'abc' }, /KAFKA_PORT: must be a port .* not "abc"/],
  ])('%s %j %j is refused with what is right', async (script, args, env, wanted) => {
    const started = run(script, args, { DATA_DIR: '/dev/null/absent', ...env });
    expect(await started.ended).toBe(2);
    expect(started.said()).toMatch(wanted);
  });
});
