import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Revocations } from '../gateway/identity/revocations.ts';
import { operatorScope } from '../gateway/http/revoke.ts';
import { BUILT_IN_ISSUER, issueToken } from '../runtime/issuer.ts';
import { revocationKeyOf } from '../schema/revocations.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { usage } from './commands.ts';
import { openFilledEngines } from './engines.ts';
import { type Keys, loadKeys } from './platform.ts';

/** How long the operator's own token is good for, in seconds. */
const operatorTtlS = 60;

interface Wanted {
  readonly creator: string;
  readonly issuer: string;
}

/** `npm run revoke`: ends the tokens of a subject. Asks the gateway that runs; where none does, writes to the log itself. */
export async function revoke(line: CommandLine): Promise<void> {
  const { config, args } = line;
  const { values } = parseArgs({
    args: [...args],
    options: {
      creator: { type: 'string' },
      issuer: { type: 'string', default: BUILT_IN_ISSUER },
      gateway: { type: 'string', default: `http://${config.server.host}:${config.server.port}` },
    },
  });
  const { creator, issuer } = values;
  if (!creator) throw new UsageError(`--creator NAME is missing: the name that the tokens were made for\n${usage}`);
  if (!URL.canParse(values.gateway)) throw new UsageError(`--gateway ${values.gateway} is no URL`);
  // New keys would refuse nobody's token, and success would be told.
  if (!existsSync(join(config.dataDir, 'keys', 'master.key')))
    throw new UsageError(
      `there are no keys in ${config.dataDir}: set DATA_DIR to that of the platform whose tokens are to end`,
    );
  const keys = await loadKeys(config.dataDir);
  const wanted = { creator, issuer };
  if (!(await askGateway(values.gateway, wanted, keys))) await writeToLog(line, wanted, keys);
  process.stderr.write(`every token that ${issuer} issued to ${creator} until now is refused\n`);
}

/** False where nothing listens there. */
async function askGateway(gateway: string, { creator, issuer }: Wanted, { issuer: key }: Keys): Promise<boolean> {
  const token = await issueToken({ key, subject: 'operator', scopes: [operatorScope], ttlS: operatorTtlS });
  const answer = await fetch(new URL('/revoke', gateway), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: new URLSearchParams({ subject: creator, issuer }),
    signal: AbortSignal.timeout(10_000),
  }).catch((error: unknown) => {
    // What `fetch` says is that it failed; its cause says why.
    const { cause, message } = error as Error & { cause?: Error & { code?: unknown } };
    if (cause?.code === 'ECONNREFUSED') return null;
    throw new UsageError(`${gateway} gives no answer: ${cause?.message || message}`);
  });
  if (answer === null) return false;
  if (answer.ok) return true;
  throw new UsageError(`${gateway} refused with ${answer.status}: ${await answer.text()}`);
}

async function writeToLog({ config, logger, signal }: CommandLine, wanted: Wanted, keys: Keys): Promise<void> {
  const engines = await openFilledEngines(config, { logger, signal });
  try {
    const revocations = new Revocations({ log: engines.eventLog, key: revocationKeyOf(keys.master), logger });
    await revocations.revokeSubject(revocations.subjectIdOf(`${wanted.issuer}|${wanted.creator}`));
  } finally {
    await engines.close();
  }
}
