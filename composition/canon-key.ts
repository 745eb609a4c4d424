import { hkdfSync } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../runtime/config.ts';
import { loadOrCreateKey } from '../runtime/key-file.ts';
import { type NoteSigner, noteSigner } from '../schema/merkle/signed-note.ts';

/** Where the public key lies, for whoever verifies on this machine. */
export function canonPublicKeyFile(dataDir: string): string {
  return join(dataDir, 'keys', 'canon.pub');
}

const rootPurpose = 'vcos canon c2pa root v1';

const nameOf = (region: string): string => `vcos.${region.replaceAll(/[^\w.-]/g, '-')}/canon`;

/** Canon's key, made on first use, under the name that signs manifests; `root`, derived from it, signs the certificate that C2PA asks for. */
export function canonSigner({
  dataDir,
  region,
}: Pick<Config, 'dataDir' | 'region'>): NoteSigner & { readonly root: NoteSigner } {
  const seed = loadOrCreateKey(dataDir, 'canon');
  const signer = noteSigner(nameOf(region), seed);
  const rootSeed = Buffer.from(hkdfSync('sha256', seed, '', rootPurpose, seed.length));
  return { ...signer, root: noteSigner(`${signer.name}/root`, rootSeed) };
}

const historyFile = (dataDir: string): string => join(dataDir, 'keys', 'canon.history');

/** The same key under the name of the log whose history this data directory holds: it signs tree heads. Its public half is put beside it. */
export function treeSigner(config: Pick<Config, 'dataDir' | 'region'>): NoteSigner {
  const file = historyFile(config.dataDir);
  const signer = signerOf(config, existsSync(file) ? readFileSync(file, 'utf8').trim() : '');
  writeFileSync(canonPublicKeyFile(config.dataDir), `${signer.verifierKey}\n`);
  return signer;
}

function signerOf({ dataDir, region }: Pick<Config, 'dataDir' | 'region'>, history: string): NoteSigner {
  return noteSigner(`${nameOf(region)}${history && `-${history}`}`, loadOrCreateKey(dataDir, 'canon'));
}

/** Another log than the one whose history a data directory holds. */
export interface NextHistory {
  readonly signer: NoteSigner;
  /** From then on the directory holds this log. Returns the file in which the former public key stays, for what was signed under it. */
  begin(): string;
}

/**
 * Another log, under a name that none had before: what is taken back from a backup may have gone on since, others may hold its later tree heads, and one log
 * must never sign two histories.
 */
export function nextHistory(config: Pick<Config, 'dataDir' | 'region'>, now: Date): NextHistory {
  const history = now.toISOString().replaceAll(/[^\dTZ]/g, '');
  return {
    signer: signerOf(config, history),
    begin() {
      const former = treeSigner(config);
      const formerKeyFile = join(config.dataDir, 'keys', `canon-until-${history}.pub`);
      writeFileSync(formerKeyFile, `${former.verifierKey}\n`);
      writeFileSync(historyFile(config.dataDir), `${history}\n`, { mode: 0o600, flush: true });
      treeSigner(config);
      return formerKeyFile;
    },
  };
}
