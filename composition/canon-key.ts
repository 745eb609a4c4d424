import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../runtime/config.ts';
import { loadOrCreateKey } from '../runtime/key-file.ts';
import { type NoteSigner, noteSigner } from '../schema/merkle/signed-note.ts';

/** Where the public key lies, for whoever verifies on this machine. */
export function canonPublicKeyFile(dataDir: string): string {
  return join(dataDir, 'keys', 'canon.pub');
}

/** The key that signs canon's tree heads, made on first use, with its public half beside it. */
export function canonSigner({ dataDir, region }: Pick<Config, 'dataDir' | 'region'>): NoteSigner {
  const seed = loadOrCreateKey(dataDir, 'canon');
  const signer = noteSigner(`vcos.${region.replaceAll(/[^\w.-]/g, '-')}/canon`, seed);
  writeFileSync(canonPublicKeyFile(dataDir), `${signer.verifierKey}\n`);
  return signer;
}
