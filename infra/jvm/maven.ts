import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

/** Maven could not bring what a server consists of. */
export class MavenError extends Error {
  override readonly name = 'MavenError';
}

export interface Classpath {
  /** A pom's file; what it depends on is resolved. */
  readonly pom: string;
  /** Values for the pom's `${…}`. */
  readonly properties: Readonly<Record<string, string>>;
  readonly say: (text: string) => void;
}

/** How long a download may take; some 250 MB come where nothing is there yet. */
const minutesMax = 10;
/** A server consists of some hundred files: one line for so many. */
const filesPerLine = 20;

/** Keeps what Maven answered, so that it runs once per version: a minute of a busy machine for each server otherwise. */
const cacheDirectory = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'vcos-jvm');

/** Jar files of a pom, as `java -cp` takes them. Downloads what is not there yet and tells how far it is. Rejects with what Maven said, or where it takes more than ten minutes. */
export async function resolveClasspath(options: Classpath): Promise<string> {
  const { pom, properties } = options;
  const key = createHash('sha256').update(readFileSync(pom)).update(JSON.stringify(properties)).digest('hex');
  const file = join(cacheDirectory, `classpath-${key.slice(0, 16)}.txt`);
  const cached = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  if (cached !== '' && cached.split(delimiter).every((jar) => existsSync(jar))) return cached;
  mkdirSync(cacheDirectory, { recursive: true });
  const output = `${file}.${process.pid}`;
  const set = Object.entries(properties).map(([name, value]) => `-D${name}=${value}`);
  await runMaven(['-B', '-f', pom, ...set, `-Dmdep.outputFile=${output}`, 'dependency:build-classpath'], options.say);
  const classpath = readFileSync(output, 'utf8').trim();
  // Whole or not at all: another process may read it.
  renameSync(output, file);
  return classpath;
}

function runMaven(args: readonly string[], say: (text: string) => void): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const signal = AbortSignal.timeout(minutesMax * 60_000);
  const child = spawn('mvn', args, { stdio: ['ignore', 'pipe', 'pipe'], signal, killSignal: 'SIGKILL' });
  const errors: string[] = [];
  let downloaded = 0;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const name = /Downloaded from \S+: \S*\/([^/\s]+\.jar)/.exec(line)?.[1];
    if (name !== undefined && downloaded++ % filesPerLine === 0) say(`  downloading, file ${downloaded}: ${name}`);
    if (line.includes('ERROR')) errors.push(line);
  });
  child.stderr.resume();
  child.once('error', (error) => {
    const why = signal.aborted
      ? `Maven did not bring the servers within ${minutesMax} minutes (${downloaded} files came): is Maven Central, or the mirror in ~/.m2/settings.xml, within reach?`
      : `Maven cannot be run (${error.message}): install it, with Java 17`;
    reject(new MavenError(why));
  });
  child.once('close', (code) => {
    if (code === 0) resolve(undefined);
    else reject(new MavenError(`mvn ${args.join(' ')} ended with ${code}:\n${errors.slice(0, 5).join('\n')}`));
  });
  return promise;
}
