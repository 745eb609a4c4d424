import type { Change } from './changed-source.ts';

/** Mistakes that somebody could make: each is one change of the source, and the audit must find every one of them. */
export interface Mutant extends Change {
  readonly name: string;
}

/** Begins the line on which a judged mutant's process says what was found. */
export const foundMark = 'FOUND BY ';
/** The program as it is: the audit must find nothing in it, or what it finds in mutants says nothing. */
export const control = 'nothing changed';

const privacy = 'streams/privacy';
const draw = `${privacy}/domain/draw-release.ts`;
const bounding = `${privacy}/domain/bounding.ts`;
const boundWindow = `${privacy}/bound-window.ts`;
const publish = `${privacy}/publish-window.ts`;
const steps = `${privacy}/release-steps.ts`;
const decide = `${privacy}/domain/ledger/decide.ts`;

export const mutants: readonly Mutant[] = [
  {
    name: control,
    file: draw,
    find: 'return releaseOf(draw, { value, half });',
    replace: 'return releaseOf(draw, { value, half });',
  },
  {
    name: 'sigma a tenth too small',
    file: draw,
    find: 'discreteGaussian(metric.sigma2)',
    replace: 'discreteGaussian({ num: metric.sigma2.num * 81n, den: metric.sigma2.den * 100n })',
  },
  { name: 'noise halved', file: draw, find: '+ sampler(draw.source)', replace: '+ sampler(draw.source) / 2n' },
  { name: 'no noise', file: draw, find: '+ sampler(draw.source)', replace: '' },
  {
    name: 'negative values cut off',
    file: draw,
    find: 'releaseOf(draw, { value, half })',
    replace: 'releaseOf(draw, { value: Math.max(0, value), half })',
  },
  {
    name: 'interval from the data',
    file: draw,
    find: 'releaseOf(draw, { value, half })',
    replace: 'releaseOf(draw, { value, half: half + Math.abs(value % 3) })',
  },
  {
    name: 'sqrt(l0) lost',
    file: 'schema/metrics/metric.ts',
    find: 'rational(BigInt(declared.l0) * linf2 * levels)',
    replace: 'rational(linf2 * levels)',
  },
  {
    name: 'levels of a tree not paid for',
    file: 'schema/metrics/metric.ts',
    find: 'BigInt(declared.l0) * linf2 * levels',
    replace: 'BigInt(declared.l0) * linf2',
  },
  {
    name: 'second principal not paid for',
    file: 'schema/metrics/metric.ts',
    find: 'const reach = add(rational(BigInt(declared.l0)), multiply(rootAbove(keys.length), rational(BigInt(declared.linf))));',
    replace: 'const reach = add(rational(BigInt(declared.l0)), multiply(rootAbove(keys.length), rational(0n)));',
  },
  {
    name: 'day of an invitation not paid for',
    file: 'schema/metrics/metric.ts',
    find: 'if (declared.waitDaysMax !== undefined) return rational(20n);',
    replace: '',
  },
  {
    name: 'all invitations and joint work with one account counted',
    file: `${privacy}/domain/waits.ts`,
    find: 'named.get(other)?.length === 1 && admits(other)',
    replace: 'named.has(other) && admits(other)',
  },
  {
    name: 'a day that was not paid for remembered',
    file: steps,
    find: 'if (isPaid) keep?.();',
    replace: 'void isPaid;\n    keep?.();',
  },
  {
    name: 'noise of running totals without their sensitivity',
    file: `${privacy}/domain/draw-total.ts`,
    find: 'discreteGaussian(metric.sigma2)',
    replace: 'discreteGaussian({ num: metric.sigma2.num, den: metric.sigma2.den * 4n })',
  },
  {
    name: 'values not clamped',
    file: bounding,
    find: 'count(key, Math.min(value, bounds.linf))',
    replace: 'count(key, value)',
  },
  {
    name: 'values clamped after they were added',
    file: bounding,
    find: 'count(key, Math.min(value, bounds.linf))',
    replace: 'sums.set(key, Math.min((sums.get(key) ?? 0) + value, 1_000 * bounds.linf))',
  },
  {
    name: 'cells of an account not limited',
    file: bounding,
    find: '.slice(0, left)',
    replace: '',
  },
  {
    name: 'windows of a day bounded apart',
    file: boundWindow,
    find: '(hasMore ? (state.get(used, `${day}|${account}`)?.[metric.id] ?? 0) : 0)',
    replace: '0 * Number(hasMore) * account.length',
  },
  {
    name: 'cells chosen by arrival',
    file: bounding,
    find: ': ranked(own, options)',
    replace: ': own',
  },
  {
    name: 'second principal not bounded',
    file: bounding,
    find: 'if (already < bounds.linf) count(key, 1);',
    replace: 'count(key, 1);',
  },
  {
    name: 'threshold of private keys missing',
    file: publish,
    find: 'if (release.value < (thresholds.get(metric.id) ?? Infinity)) return false;',
    replace: '',
  },
  {
    name: 'threshold for one look, at a delta of one in a thousand',
    file: publish,
    find: '.map((metric) => [metric.id, selectionThreshold(metric)])',
    replace: '.map((metric) => [metric.id, selectionThreshold({ ...metric, delta: { num: 1n, den: 10n } })])',
  },
  {
    name: 'untouched keys not looked at',
    file: publish,
    find: 'return [...touched, ...added].sort();',
    replace: 'return [...sums.keys()].sort();',
  },
  {
    name: 'empty windows skipped',
    file: steps,
    find: 'publishWindow(metric, { ...window, sums }, context, secrets);',
    replace: 'sums.size > 0 && publishWindow(metric, { ...window, sums }, context, secrets);',
  },
  {
    name: 'noise by release alone',
    file: `${privacy}/crypto/bit-sources.ts`,
    find: "keyedHash(epochKey, 'noise', [release.releaseId, release.commitment])",
    replace: "keyedHash(epochKey, 'noise', [release.releaseId])",
  },
  {
    name: 'one stream for every release',
    file: `${privacy}/crypto/bit-sources.ts`,
    find: "keyedHash(epochKey, 'noise', [release.releaseId, release.commitment])",
    replace: "keyedHash(epochKey, 'noise', [])",
  },
  {
    name: 'noise drawn anew on a replay',
    file: publish,
    find: 'const source = keyedBits(epochKey, { releaseId, commitment });',
    replace: 'const source = systemBits();',
    more: "import { systemBits } from './crypto/bit-sources.ts';",
  },
  {
    name: 'each cell begins the stream anew',
    file: publish,
    find: 'const cell = { window, source, sealedAt',
    replace: 'const cell = { window, get source() { return keyedBits(epochKey, { releaseId, commitment }); }, sealedAt',
  },
  {
    name: 'commitment without a key',
    file: `${privacy}/crypto/keyed-hash.ts`,
    find: "return keyedHash(epochKey, 'input', [release.releaseId, release.input]).toString('hex');",
    replace: "return createHmac('sha256', 'known' + epochKey.type).update(release.input).digest('hex');",
  },
  {
    name: 'charge forgotten',
    file: decide,
    find: ': { rho: formatRational(cost.rho), delta: formatRational(cost.delta) };',
    replace: ": { rho: '0', delta: '0' };",
  },
  {
    name: 'charges not remembered',
    file: publish,
    find: 'state.put(days, day, dayAfter(account, reserved.row));',
    replace: '',
  },
  {
    name: 'limit of a day not looked at',
    file: decide,
    find: "if (spending.kind === 'refused') return refuse('OVERSPENT', `${wanted.day}: ${spending.reason}`);",
    replace: 'void spending;',
  },
  {
    name: 'releases without a seal in the ledger',
    file: publish,
    find: "emit('privacyLedger', { key: metric.id, id: `${releaseId}|${ending.row.state}`, value: ending.row });",
    replace: '',
  },
  {
    name: 'a release without a ledger row',
    file: publish,
    find: 'for (const released of sealing?.kind',
    replace:
      "if (sealing?.kind === 'append' && sealing.released[0]) emit('privacyReleases', { key: 'x', id: 'x', value: { ...rowOf(sealing.released[0]), release_id: `${releaseId}|other` } });\n  for (const released of sealing?.kind",
  },
  {
    name: 'released as the data come',
    file: steps,
    find: "return message.kind === 'activity' ? gather(message, context) : advance(message, context, secrets);",
    replace:
      "if (message.kind === 'activity') gather(message, context);\n    return advance({ kind: 'tick', partition: 0, domain: message.domain, wallUs: message.wallUs }, context, secrets);",
  },
  {
    name: 'late data counted',
    file: `${privacy}/gather.ts`,
    find: "if (wallUs < (state.get(marks, domain)?.closedUs ?? -1)) return drop('LATE');",
    replace: '',
  },
  {
    name: 'a window released by every clock',
    file: steps,
    find: 'if (isSealed(state, lengthUs, windowUs) || state.get(epochs, epochOf(windowUs)) !== undefined) return;',
    replace: '',
  },
  {
    name: 'future data counted',
    file: steps,
    find: "if (message.wallUs > context.record.appendedAtMs * 1_000 + aheadMaxUs) return drop('FUTURE');",
    replace: '',
  },
  { name: 'a broken ledger does not stop', file: steps, find: "return drop('LEDGER_BROKEN');", replace: 'void 0;' },
  {
    name: 'lifetimes not charged',
    file: boundWindow,
    find: 'state.put(lifetimes, account, formatRational(add(spent, metric.rho)));',
    replace: 'void spent;',
  },
  {
    name: 'raw counts written to the console',
    file: publish,
    find: 'const commitment = commitToInput(epochKey, { releaseId, input });',
    replace: 'const commitment = commitToInput(epochKey, { releaseId, input });\n  console.log(input);',
  },
  {
    name: 'refused values told',
    file: steps,
    find: "deadLetter('UNDECODABLE', explainZodError(parsed.error))",
    replace: "deadLetter('UNDECODABLE', explainZodError(parsed.error) + String(record.value))",
  },
  {
    name: 'minus zero counted twice',
    file: `${privacy}/domain/samplers/discrete-laplace.ts`,
    find: 'if (negative && magnitude === 0) continue;',
    replace: '',
  },
  {
    name: 'a coin turned round',
    file: `${privacy}/domain/samplers/bernoulli-exp.ts`,
    find: 'while (uniformBelow(k, source) === 0 && uniformBelow(q, source) < p) k += 1;',
    replace: 'while (uniformBelow(k, source) === 0 && uniformBelow(q, source) <= p) k += 1;',
  },
  {
    name: 'uniform integers of the wrong range',
    file: `${privacy}/domain/samplers/bit-source.ts`,
    find: 'if (value < n) return value;\n  }\n}\n\n/** As',
    replace: 'return value % n;\n  }\n}\n\n/** As',
  },
];
