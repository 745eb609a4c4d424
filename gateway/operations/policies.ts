import type { Logger } from 'pino';
import type { Claims } from '../../runtime/identity.ts';
import type { Requirement, Rights } from '../supergraph/access-rules.ts';

/** Whether a caller meets a policy that `@policy` names. Asked once per operation and policy, so it should remember what it looks up. */
export type DecidePolicy = (policy: string, claims: Claims) => boolean | Promise<boolean>;

const noPolicies: ReadonlySet<string> = new Set();
const decisionMsMax = 2_000;

/** What a caller may do, as far as an operation's requirements ask. A decision that fails, or takes over two seconds, is a no. */
export async function rightsFor(
  requirements: readonly Requirement[],
  claims: Claims | null,
  { decide, logger }: { readonly decide: DecidePolicy | undefined; readonly logger: Logger },
): Promise<Rights> {
  const names = new Set(requirements.flatMap(({ anyOfPolicies }) => anyOfPolicies?.flat() ?? []));
  if (names.size === 0 || claims === null || decide === undefined) return { claims, policies: noPolicies };
  const granted = await Promise.all(
    [...names].map(async (name) => ((await isGranted(name, claims, decide, logger)) ? [name] : [])),
  );
  return { claims, policies: new Set(granted.flat()) };
}

async function isGranted(name: string, claims: Claims, decide: DecidePolicy, logger: Logger): Promise<boolean> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no decision within ${decisionMsMax} ms`)), decisionMsMax);
  try {
    return await Promise.race([decide(name, claims), late]);
  } catch (error) {
    logger.error({ err: error, policy: name }, 'a policy could not be decided: it is refused');
    return false;
  } finally {
    clearTimeout(timer);
  }
}
