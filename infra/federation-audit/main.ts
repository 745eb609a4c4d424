/**
 * `npm run audit:federation -- --audit DIR [--planner auto|hive|apollo] [--suite NAME …] [--timeout-ms 2000]`: a checkout of the
 * federation gateway audit that lies in DIR, each suite's supergraph in the real standalone gateway, each case over HTTP.
 */
import { parseArguments } from '../parse-arguments.ts';
import { run } from '../../e2e/platform-process.ts';
import { AuditError, startAudit } from './audit-server.ts';
import type { AuditCase, AuditServer } from './audit-server.ts';
import { judge } from './judge.ts';
import type { GatewayAnswer, Verdict } from './judge.ts';

const { values } = parseArguments({
  options: {
    audit: { type: 'string' },
    planner: { type: 'string', default: 'auto' },
    suite: { type: 'string', multiple: true },
    // The audit's own.
    'timeout-ms': { type: 'string', default: '2000' },
  },
});
const say = (line: string): boolean => process.stdout.write(`${line}\n`);
const marks: Readonly<Record<Verdict, string>> = { passed: '.', 'passed with errors': 'e', failed: 'X' };

async function ask(url: string, query: string): Promise<GatewayAnswer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(Number(values['timeout-ms'])),
  });
  return (await response.json()) as GatewayAnswer;
}

async function judgeCase(url: string, { query, expected }: AuditCase): Promise<Verdict> {
  const answer = await ask(url, query).catch((error: unknown) => ({ errors: [String(error)] }));
  const verdict = judge(expected, answer);
  if (verdict === 'failed') say(`${query}\nexpected ${JSON.stringify(expected)}\nanswered ${JSON.stringify(answer)}\n`);
  return verdict;
}

async function runSuite(audit: AuditServer, suite: string): Promise<readonly Verdict[]> {
  const gateway = run('main.ts', ['gateway', '--supergraph', audit.supergraphUrl(suite)], {
    PLANNER: values.planner,
  });
  try {
    const cases = await audit.cases(suite);
    const at = / at (http\S+)/;
    const isUp = await gateway.until(at).then(
      () => true,
      (error: unknown) => !say(`${suite}: the gateway ${(error as Error).message}`),
    );
    const url = at.exec(gateway.said())?.[1] ?? '';
    const verdicts: Verdict[] = [];
    for (const each of cases) verdicts.push(isUp ? await judgeCase(url, each) : 'failed');
    return verdicts;
  } finally {
    gateway.child.kill('SIGTERM');
    await gateway.ended;
  }
}

async function runAll(directory: string): Promise<void> {
  const audit = await startAudit(directory);
  try {
    const unknown = values.suite?.find((name) => !audit.suites.includes(name));
    if (unknown !== undefined) throw new AuditError(`--suite ${unknown}: the audit has ${audit.suites.join(', ')}`);
    const suites = values.suite ?? audit.suites;
    const all: Verdict[] = [];
    for (const suite of suites) {
      const verdicts = await runSuite(audit, suite);
      say(`${suite.padEnd(50)} ${verdicts.map((verdict) => marks[verdict]).join('')}`);
      all.push(...verdicts);
    }
    const failed = all.filter((verdict) => verdict === 'failed').length;
    const withErrors = all.filter((verdict) => verdict === 'passed with errors').length;
    say(
      `${all.length - failed} of ${all.length} cases in ${suites.length} suites, planner ${values.planner}; ` +
        `${withErrors} of them with errors of which the audit says nothing (e)`,
    );
    process.exitCode = failed > 0 ? 1 : 0;
  } finally {
    audit.stop();
  }
}

try {
  if (values.audit === undefined)
    throw new AuditError(
      '--audit DIR is missing: a checkout of the federation gateway audit, with its packages installed',
    );
  if (!/^[1-9]\d{0,6}$/.test(values['timeout-ms']))
    throw new AuditError(`--timeout-ms must be a whole number of milliseconds, not ${values['timeout-ms']}`);
  await runAll(values.audit);
} catch (error) {
  if (!(error instanceof AuditError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
