import { emptyLedgerHead } from '../../schema/metrics/ledger-row.ts';
import type { StepContext } from '../shared/step.ts';
import { dayOf, dayUs, epochOf, windowsClosed } from './clock.ts';
import { signRoot } from './crypto/signed-root.ts';
import type { Outputs } from './publish-window.ts';
import type { ReleaseSecrets } from './secrets.ts';
import { epochs, ledgerHead, privateKeys, touchedKeys } from './stores.ts';

/**
 * Signs where the ledger stands for every day that a clock has passed. With the last day of a month its epoch is closed: no window of it is released any more, its private keys are
 * forgotten, and the root tells the keeper of keys to destroy the epoch's key.
 */
export function closeDays(
  { domain, fromUs, untilUs }: { readonly domain: string; readonly fromUs: number; readonly untilUs: number },
  { state, emit }: StepContext<Outputs>,
  { rootKey }: Pick<ReleaseSecrets, 'rootKey'>,
): void {
  for (const startUs of windowsClosed(dayUs, fromUs, untilUs)) {
    const day = dayOf(startUs);
    const epoch = epochOf(startUs);
    const closesEpoch = epochOf(startUs + dayUs) !== epoch && state.get(epochs, epoch) === undefined ? epoch : null;
    if (closesEpoch) {
      state.put(epochs, epoch, 'closed');
      for (const store of [privateKeys, touchedKeys])
        for (const [name] of state.entries<unknown>(store))
          if (name.split('|')[1] === epoch) state.remove<unknown>(store, name);
    }
    const { seq, hash } = state.get(ledgerHead, 'head') ?? emptyLedgerHead;
    const root = signRoot({ day, seq, hash, closesEpoch }, rootKey);
    emit('privacyRoots', { key: day, id: `${domain}|${day}`, value: root });
  }
}
