import type { GraphQLError } from 'graphql';
import type { Span } from '../../runtime/tracing.ts';
import type { Deadline } from '../transports/deadline.ts';
import type { SubgraphAuth } from '../transports/transport.ts';
import type { DataObject } from './data.ts';

/** How many errors one response tells; the rest is counted. A failed subgraph under a long list would fill the response. */
const errorsMax = 100;

/** One execution of one plan. */
export interface ExecutionState {
  readonly data: DataObject;
  readonly errors: ErrorList;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly auth: SubgraphAuth;
  readonly deadline: Deadline;
  /** Told of fetches for which deferred parts wait; undefined where there are none. */
  readonly onFetched?: ((id: string) => void) | undefined;
  /** Of the operation; undefined where it is not traced. */
  readonly span?: Span | undefined;
}

/** The errors of one response, bounded. */
export class ErrorList {
  readonly list: GraphQLError[] = [];
  omitted = 0;

  add(error: GraphQLError): void {
    if (this.list.length < errorsMax) this.list.push(error);
    else this.omitted += 1;
  }
}

/** The members of a result that tell of errors. */
export function toldErrors({ list, omitted }: ErrorList): {
  readonly errors?: readonly GraphQLError[];
  readonly extensions?: { readonly omittedErrors: number };
} {
  return {
    ...(list.length > 0 ? { errors: list } : {}),
    ...(omitted > 0 ? { extensions: { omittedErrors: omitted } } : {}),
  };
}
