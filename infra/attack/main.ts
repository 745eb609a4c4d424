/**
 * `npm run attack`: starts the platform, sends it what public GraphQL security tools send, and says what each attack met. Every
 * one has to be refused before a subgraph is called, and honest clients have to be answered meanwhile. Ends with 1 where not.
 */
import { makeDataDir, startPlatformProcess } from '../../e2e/platform-process.ts';
import { parseArguments } from '../parse-arguments.ts';
import { type Verdict, runAttacks } from './attack.ts';
import { operationAttacks, variableAttacks } from './operations.ts';
import { pressures, runPressures } from './pressure.ts';
import { createTarget } from './target.ts';
import { httpAttacks, socketAttacks, tokenAttacks } from './transports.ts';

parseArguments({ options: {} });

const mebibyte = 1024 * 1024;
const attacks = [...operationAttacks, ...variableAttacks, ...httpAttacks, ...tokenAttacks, ...socketAttacks];

function describe({ refused, attack, met, subgraphCalls, ms }: Verdict): string {
  const answer = `${met.status === 0 ? 'closed' : met.status} ${met.code ?? ''}`.padEnd(34);
  const calls = subgraphCalls > 0 ? `; subgraphs were called ${subgraphCalls} times` : '';
  return `${refused ? 'refused' : 'GOT IN '}  ${answer} ${ms.toFixed(0).padStart(5)} ms  ${attack}${calls}`;
}

const dataDir = makeDataDir();
const platform = await startPlatformProcess(dataDir.path);
try {
  const target = createTarget(platform.url);
  const honest = await target.post('{"query":"{ creator(username: \\"ada\\") { id } }"}');
  const memoryBefore = await target.memory();
  const verdicts = await runAttacks(target, attacks);
  for (const verdict of verdicts) console.log(describe(verdict));
  const reliefs = await runPressures(target, pressures);
  for (const { pressure, slowestMs, answered } of reliefs)
    console.log(`${answered ? 'held   ' : 'FAILED '}  honest requests within ${slowestMs.toFixed(0)} ms  ${pressure}`);
  const memory = await target.memory();
  console.log(
    `resident memory ${(memoryBefore / mebibyte).toFixed(0)} MiB before, ${(memory / mebibyte).toFixed(0)} MiB after; ` +
      `longest event-loop delay ${target.longestDelayMs().toFixed(0)} ms`,
  );
  const gotIn = verdicts.filter(({ refused }) => !refused).length + reliefs.filter(({ answered }) => !answered).length;
  console.log(`${verdicts.length + reliefs.length - gotIn} of ${verdicts.length + reliefs.length} attacks held off`);
  process.exitCode = gotIn === 0 && honest.status === 200 ? 0 : 1;
} finally {
  await platform.stop();
  dataDir.remove();
}
