import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { QueryPlan } from '@graphql-hive/router-query-planner';
import type { ActiveOverrides } from '../supergraph/override-labels.ts';
import { planMsMax } from './plan-limits.ts';

/** To the process. */
export type PlannerRequest =
  | { readonly kind: 'load'; readonly planner: number; readonly sdl: string }
  | { readonly kind: 'drop'; readonly planner: number }
  | {
      readonly kind: 'plan';
      readonly planner: number;
      readonly id: number;
      readonly operation: string;
      readonly labels: readonly string[];
      readonly roll: number;
    };
/** And back. */
export type PlannerReply =
  { readonly id: number; readonly plan: QueryPlan } | { readonly id: number; readonly error: string };

/** The planner's process ended while it planned this: as a rule because of a fault in the planner. */
export class PlannerCrashError extends Error {
  override readonly name = 'PlannerCrashError';
  /** True where nothing else was planned meanwhile. */
  readonly isItsOwn: boolean;
  constructor(message: string, isItsOwn: boolean) {
    super(message);
    this.isItsOwn = isItsOwn;
  }
}

/** Plans operations over one supergraph. */
export type IsolatedPlan = (operation: string, overrides: ActiveOverrides) => Promise<QueryPlan>;

interface Waiting {
  readonly timer: NodeJS.Timeout;
  readonly resolve: (plan: QueryPlan) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The Rust planner ends its process over some operations that are valid (a panic that cannot be caught), so that over an unknown
 * supergraph any client could end the gateway. There it gets a process of its own, one for all supergraphs, made with
 * the first of them and again when it is needed after it ended.
 */
class PlannerProcess {
  readonly #sdls = new Map<number, string>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #dropped = new FinalizationRegistry<number>((planner) => this.#drop(planner));
  #child: ChildProcess | undefined;
  #next = 0;

  open(sdl: string): IsolatedPlan {
    const planner = (this.#next += 1);
    this.#sdls.set(planner, sdl);
    // Begun before anybody asks, so that the first operation does not wait for it.
    if (this.#child) this.#child.send({ kind: 'load', planner, sdl } satisfies PlannerRequest);
    else this.#running();
    const plan: IsolatedPlan = async (operation, overrides) => {
      try {
        return await this.#plan(planner, operation, overrides);
      } catch (error) {
        // It may have been another operation that ended the process.
        if (!(error instanceof PlannerCrashError) || error.isItsOwn) throw error;
        return this.#plan(planner, operation, overrides);
      }
    };
    this.#dropped.register(plan, planner);
    return plan;
  }

  #plan(planner: number, operation: string, { labels, roll }: ActiveOverrides): Promise<QueryPlan> {
    return new Promise((resolve, reject) => {
      const id = (this.#next += 1);
      // It gives up by itself before that, unless it hangs.
      const timer = setTimeout(() => this.#child?.kill('SIGKILL'), 2 * planMsMax);
      this.#waiting.set(id, { resolve, reject, timer });
      const request: PlannerRequest = { kind: 'plan', planner, id, operation, labels: [...labels], roll };
      const child = this.#running();
      child.ref();
      child.channel?.ref();
      child.send(request, (error) => {
        if (!error) return;
        this.#settled(id);
        reject(new PlannerCrashError('the planner takes no operations', false));
      });
    });
  }

  #running(): ChildProcess {
    if (this.#child) return this.#child;
    const child = fork(join(import.meta.dirname, 'planner-child.ts'), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.on('message', (reply) => this.#take(reply as PlannerReply));
    child.on('error', () => this.#ended(child));
    child.on('exit', () => this.#ended(child));
    // While nothing is planned it holds nobody.
    child.unref();
    child.channel?.unref();
    for (const [planner, sdl] of this.#sdls) child.send({ kind: 'load', planner, sdl } satisfies PlannerRequest);
    this.#child = child;
    return child;
  }

  #take(reply: PlannerReply): void {
    const waiting = this.#settled(reply.id);
    if ('plan' in reply) waiting?.resolve(reply.plan);
    else waiting?.reject(new Error(reply.error));
  }

  #settled(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    clearTimeout(waiting?.timer);
    if (this.#waiting.size === 0) {
      this.#child?.unref();
      this.#child?.channel?.unref();
    }
    return waiting;
  }

  #ended(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { timer, reject } of waiting) {
      clearTimeout(timer);
      reject(new PlannerCrashError('the planner ended while it planned this', waiting.length === 1));
    }
  }

  #drop(planner: number): void {
    this.#sdls.delete(planner);
    this.#child?.send({ kind: 'drop', planner } satisfies PlannerRequest);
  }
}

const shared = new PlannerProcess();

/** Opens a planner over a supergraph in the process that all of them share. It is dropped with the function that it gives. */
export function openIsolatedPlanner(sdl: string): IsolatedPlan {
  return shared.open(sdl);
}
