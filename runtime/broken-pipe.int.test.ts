import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const module = JSON.stringify(join(import.meta.dirname, 'broken-pipe.ts'));

/** Says something again and again, to a reader who has left. */
async function endOf(then: string, print: string): Promise<readonly [code: number | null, said: string]> {
  const code = `import { onBrokenPipe } from ${module}; onBrokenPipe(${then}); setInterval(() => ${print}, 5)`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [ended] = (await once(child, 'close')) as [number | null];
  return [ended, said];
}

test.each(["console.log('more')", "process.stdout.write('more\\n')"])(
  '%s ends quietly where nobody reads',
  async (print) => {
    expect(await endOf('() => process.exit(7)', print)).toEqual([7, '']);
  },
);

test('whoever serves others goes on', async () => {
  let left = 'let left = 3;';
  left += ' const more = () => { left -= 1; if (left === 0) process.exit(8); process.stdout.write("more\\n"); };';
  expect(await endOf(`() => {}); ${left} void (0`, 'more()')).toEqual([8, '']);
});
