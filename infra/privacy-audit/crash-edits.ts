/** Every instant at which a crash could spend twice, change what was said, or say what was not written down. */
interface CrashPoint {
  readonly name: string;
  readonly file: string;
  /** The statement after which the process may die; it stands in the file exactly once. */
  readonly after: string;
}

const publish = 'streams/privacy/publish-window.ts';
const partition = 'engines/event-log/partition-run.ts';
const table = 'engines/event-log/table-holding.ts';

export const crashEdits: readonly CrashPoint[] = [
  { name: 'chosen', file: publish, after: "if (reserved.kind !== 'append') return false;" },
  { name: 'reserved', file: publish, after: 'state.put(days, day, dayAfter(account, reserved.row));' },
  { name: 'drawn', file: publish, after: 'const sealing = drawn ? decideSeal(view, drawn) : null;' },
  { name: 'sealed', file: publish, after: "state.put(ledgerHead, 'head', headAfter(ending.row));" },
  {
    name: 'emitted',
    file: publish,
    after:
      "for (const released of sealing?.kind === 'append' ? sealing.released : [])\n    emit('privacyReleases', { key: metric.id, id: released.releaseId, value: rowOf(released) });",
  },
  {
    name: 'rooted',
    file: 'streams/privacy/close-days.ts',
    after: "emit('privacyRoots', { key: day, id: `${domain}|${day}`, value: root });",
  },
  {
    name: 'handled',
    file: partition,
    after: 'await this.#options.onBatch({ ...this.#where, records }, this.#lost.signal);',
  },
  { name: 'appended', file: table, after: 'deps.tables.appendOutputs(scope, outputs);' },
  {
    name: 'offset written',
    file: table,
    after: 'deps.tables.commit(scope.connection, options.group, stream, next);',
  },
  { name: 'committed', file: partition, after: 'await holding.commit(outputs.value, next, this.#lost.signal);' },
  {
    name: 'key destroyed',
    file: 'streams/privacy/keys.ts',
    after: 'destroyKey(dataDir, nameOf(root.data.closesEpoch));',
  },
];
