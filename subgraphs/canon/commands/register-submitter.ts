import { badInput } from '../../shared/errors.ts';
import type { SubgraphContext } from '../../shared/context.ts';
import { isPublicKey } from '../domain/submission.ts';
import { submitterNodeId } from './submit-claim.ts';

const namePattern = /^(platform|imvu):[a-z0-9][a-z0-9.-]{0,63}$/;

/** Makes a platform or an agent known by its key; a new key replaces the old one. Throws BAD_USER_INPUT naming the argument. */
export async function registerSubmitter(
  { store }: SubgraphContext,
  { submitter, publicKey }: { readonly submitter: string; readonly publicKey: string },
): Promise<{ readonly submitter: string; readonly source: 'EXTERNAL' | 'IMVU'; readonly publicKey: string }> {
  if (!namePattern.test(submitter)) throw badInput('submitter must be platform:<name> or imvu:<name>', 'input');
  if (!isPublicKey(publicKey)) throw badInput('publicKey must be the 32 bytes of an Ed25519 key, base64', 'input');
  const props = { submitter, source: submitter.startsWith('imvu:') ? 'IMVU' : 'EXTERNAL', publicKey } as const;
  await store.transact((tx) => tx.put({ type: 'CanonSubmitter', id: submitterNodeId(submitter), props }));
  return props;
}
