import { type PlatformProcess, ask, makeDataDir, run, startPlatformProcess, tokenFor } from './platform-process.ts';
import { writeSmallCommunity } from './small-community.ts';

/** A platform that serves the small community, in a process and a directory of its own. */
export interface CommunityPlatform {
  readonly url: string;
  readonly process: PlatformProcess;
  readonly dataDir: string;
  /** A token of the creator's. */
  readonly token: (creator: string) => Promise<string>;
  /** The space `Studio`, which everybody may join. */
  readonly spaceId: string;
  readonly remove: () => Promise<void>;
}

/** Imports the small community and starts the platform on it. */
export async function startCommunityPlatform(env: Readonly<Record<string, string>> = {}): Promise<CommunityPlatform> {
  const data = makeDataDir();
  const load = run('main.ts', ['import', writeSmallCommunity(data.path)], { DATA_DIR: data.path });
  if ((await load.ended) !== 0) throw new Error(load.said());
  const process = await startPlatformProcess(data.path, { env });
  const spaces = await ask(process.url, '{ spaces { nodes { id } } }');
  const { nodes } = spaces.data?.['spaces'] as { readonly nodes: readonly { readonly id: string }[] };
  return {
    url: process.url,
    process,
    dataDir: data.path,
    token: (creator) => tokenFor(data.path, creator),
    spaceId: nodes[0]?.id ?? '',
    remove: async () => {
      await process.stop();
      data.remove();
    },
  };
}
