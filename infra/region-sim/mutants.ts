import { type RegionPolicy, standardPolicy } from '../../streams/canon/regions/policy.ts';

/** Mistakes that somebody could make in one rule of canon's regions, to show that the simulator would find each. */
export const mutants: Readonly<Record<string, () => RegionPolicy>> = {
  'the fence is forgotten: an old home goes on deciding': () => ({
    ...standardPolicy,
    mayDecide: (_region, _newest, ownOpen) => ownOpen !== undefined,
  }),
  'of two homes the one that was heard of first stays': () => ({
    ...standardPolicy,
    compareTerms: (a, b) => (a.region < b.region ? -1 : a.region > b.region ? 1 : 0),
  }),
  'what was confirmed is known by its offset, not by its id': () => {
    const seen = new Map<string, number>();
    return {
      ...standardPolicy,
      isWaiting: (view, eventId) => {
        const { entry, place = 0 } = view.find(eventId) ?? {};
        const region = entry?.stored.region ?? '';
        const isNew = place > (seen.get(region) ?? -1);
        if (isNew) seen.set(region, place);
        return isNew && standardPolicy.isWaiting(view, eventId);
      },
    };
  },
  'a clock that is ahead is clamped instead of refused': () => ({
    ...standardPolicy,
    observe: (clock, hlc) => clock.restore(hlc),
  }),
  'a write is acknowledged before it is on disk': () => ({ ...standardPolicy, flush: () => {} }),
  'an event is confirmed again as long as it is not settled': () => ({
    ...standardPolicy,
    isWaiting: (view, eventId) => !view.standingOf(eventId).isSettled,
  }),
  'what is bound to a region is sent whole': () => ({ ...standardPolicy, outward: (entry) => entry }),
  'a batch is taken without looking at its proof': () => ({
    ...standardPolicy,
    verify: ({ region }) => ({ origin: region, size: 0, root: new Uint8Array(32) }),
  }),
  'an event is taken before its cause': () => ({ ...standardPolicy, hasCauses: () => true }),
  'a torn write is not cut off after a crash': () => ({
    ...standardPolicy,
    recover: (bytes) => ({ texts: standardPolicy.recover(bytes).texts, length: bytes.length }),
  }),
  'the clock does not remember what it said before a crash': () => ({ ...standardPolicy, restoreClock: () => {} }),
  'an event counts as confirmed as soon as it is proposed': () => ({ ...standardPolicy, isWaiting: () => false }),
};
