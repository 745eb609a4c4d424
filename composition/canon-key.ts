import { hkdfSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../runtime/config.ts';
import { loadOrCreateKey } from '../runtime/key-file.ts';
import { type NoteSigner, noteSigner } from '../schema/merkle/signed-note.ts';

/** Where the public key lies, for whoever verifies on this machine. */
export function canonPublicKeyFile(dataDir: string): string {
  return join(dataDir, 'keys', 'canon.pub');
}

const rootPurpose = 'vcos canon c2pa root v1';

/** The key that signs canon's tree heads, made on first use, with its public half beside it; `root`, derived from it, signs the certificate that C2PA asks for. */
export function canonSigner({
  dataDir,
  region,
}: Pick<Config, 'dataDir' | 'region'>): NoteSigner & { readonly root: NoteSigner } {
  const seed = loadOrCreateKey(dataDir, 'canon');
  const signer = noteSigner(`vcos.${region.replaceAll(/[^\w.-]/g, '-')}/canon`, seed);
  writeFileSync(canonPublicKeyFile(dataDir), `${signer.verifierKey}\n`);
  const rootSeed = Buffer.from(hkdfSync('sha256', seed, '', rootPurpose, seed.length));
  return { ...signer, root: noteSigner(`${signer.name}/root`, rootSeed) };
}
