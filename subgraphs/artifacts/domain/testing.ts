import type { ArtifactProps, KnownArtifact } from './artifact.ts';

/** A public work of `ada` alone, for tests. */
export function work(props: Partial<ArtifactProps> = {}): ArtifactProps {
  return {
    title: 'On qubits',
    kind: 'MEDIA',
    summary: '',
    tags: [],
    visibility: 'PUBLIC',
    credits: [{ creatorId: 'ada', sharePercent: 100 }],
    contentHash: '',
    revision: 1,
    publishedAt: '2018-03-12T09:00:00.000Z',
    revisedAt: '2018-03-12T09:00:00.000Z',
    acceptedAt: '',
    positiveJudgements: 0,
    negativeJudgements: 0,
    ...props,
  };
}

export function known(props: Partial<ArtifactProps> = {}): KnownArtifact {
  return { id: 'work', props: work(props), isDerived: false };
}

export const ada = { id: 'ada', isPlatform: false };
export const bob = { id: 'bob', isPlatform: false };
export const platform = { id: 'platform:forum', isPlatform: true };

/** The codes of a decision's objections; [] where it was accepted. */
export function codes(
  decision: { readonly ok: true } | { readonly ok: false; readonly errors: readonly { readonly code: string }[] },
): string[] {
  return decision.ok ? [] : decision.errors.map((error) => error.code);
}
