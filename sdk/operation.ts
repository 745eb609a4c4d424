/** What codegen makes of an operation: its text, with the types of its result and variables attached. */
export interface TypedText<Result, Variables> {
  toString(): string;
  readonly __apiType?: (variables: Variables) => Result;
}

export type OperationKind = 'query' | 'mutation' | 'subscription';

const stringsAndComments = /"""[\s\S]*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*/g;

/** The kind of the only operation in a GraphQL text; fragments may stand around it. */
export function kindOf(text: string): OperationKind {
  let depth = 0;
  for (const [token] of text.replace(stringsAndComments, '').matchAll(/[{}()]|\b(?:query|mutation|subscription)\b/g)) {
    if (token === '{' || token === '(') depth += 1;
    else if (token === '}' || token === ')') depth -= 1;
    else if (depth === 0) return token as OperationKind;
  }
  return 'query';
}

/** An operation as it is sent, and whether sending it twice does what sending it once does. */
export interface PreparedOperation {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly isRepeatable: boolean;
}

/**
 * Gives every mutation whose `input` argument is a variable an idempotency key, unless it has one: the platform answers a
 * repeated key with the first answer, so that such a mutation may be sent again when no answer came.
 */
export function prepareOperation(
  query: string,
  variables: Readonly<Record<string, unknown>>,
  makeKey: () => string,
): PreparedOperation {
  const kind = kindOf(query);
  if (kind !== 'mutation') return { query, variables, isRepeatable: kind === 'query' };
  const inputs = Array.from(
    query.replace(stringsAndComments, '').matchAll(/(?<!\$)\binput\s*:\s*(?:\$(\w+))?/g),
    ([, name]) => name,
  );
  const keyed = { ...variables };
  for (const name of inputs) {
    const input = name === undefined ? null : keyed[name];
    if (name === undefined || !isRecord(input)) return { query, variables, isRepeatable: false };
    keyed[name] = { ...input, idempotencyKey: input['idempotencyKey'] ?? makeKey() };
  }
  return { query, variables: keyed, isRepeatable: inputs.length > 0 };
}

/** 128 random bits as text. (`crypto.randomUUID` is missing in pages that came over plain HTTP.) */
export function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
