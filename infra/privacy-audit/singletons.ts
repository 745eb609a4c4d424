/** A key that one account alone touched: it must not show in any of many runs. */
import type { ContributionMessage } from '../../streams/privacy/contribution.ts';
import { does, released, run, tick } from '../../streams/privacy/testing.ts';
import { keysOf } from './worlds.ts';

const accountsOfRun = 500;

/** `keys` keys of accounts of their own, three an account, each looked at on its day and on the next one. */
export function singletonFaults(keys: number, seed: string): readonly string[] {
  const shown: string[] = [];
  const keysOfRun = accountsOfRun * 3;
  for (let n = 0; n * keysOfRun < keys; n += 1) {
    const messages: readonly ContributionMessage[] = Array.from({ length: accountsOfRun }, (_, account) =>
      does(
        `lonely-${account}`,
        25,
        [0, 1, 2]
          .map((key) => ['trending-tags', `own-${account}-${key}`, 1_000, null] as const)
          .map((item) => [...item]),
      ),
    );
    const dry = run([tick(24), ...messages, tick(48), tick(72)], { epochKey: keysOf(`${seed} singletons ${n}`) });
    shown.push(...released(dry, 'trending-tags').map(({ key }) => key));
  }
  return shown.length === 0
    ? []
    : [`${shown.length} keys of one account each were shown, for example ${shown[0] ?? ''}`];
}
