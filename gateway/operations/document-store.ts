import { createHash } from 'node:crypto';
import { GraphQLError, Kind, NoSchemaIntrospectionCustomRule, parse, specifiedRules, validate, visit } from 'graphql';
import type { DocumentNode, GraphQLSchema } from 'graphql';
import { BoundedMap } from '../bounded-map.ts';
import { errorCodes, gatewayError } from '../errors.ts';
import { deferRule } from './defer-rule.ts';
import { checkLimits } from './limits.ts';
import type { OperationLimits } from './limits.ts';

const allRules = [...specifiedRules, deferRule];

/** A document that may be planned and executed. */
export interface ValidDocument {
  readonly ok: true;
  readonly document: DocumentNode;
  /** Hex SHA-256 of the text, as Apollo Server names documents. */
  readonly hash: string;
}

export interface RefusedDocument {
  readonly ok: false;
  readonly errors: readonly GraphQLError[];
}

export interface DocumentStoreOptions {
  readonly schema: GraphQLSchema;
  readonly limits: OperationLimits;
  readonly introspection: boolean;
  /** Characters of query text to remember documents of. */
  readonly charactersMax: number;
}

/**
 * Query texts that were parsed, measured and validated, in this order, so that the cheap checks come first. Whichever way an
 * operation comes in (HTTP, WebSocket, SSE), it passes here once; a text seen before costs one look-up.
 */
export class DocumentStore {
  readonly #options: DocumentStoreOptions;
  readonly #byText: BoundedMap<ValidDocument | RefusedDocument>;
  readonly #byHash: BoundedMap<DocumentNode>;

  constructor(options: DocumentStoreOptions) {
    this.#options = options;
    this.#byText = new BoundedMap({ weightMax: options.charactersMax });
    this.#byHash = new BoundedMap({ weightMax: options.charactersMax });
  }

  prepare(text: string): ValidDocument | RefusedDocument {
    const known = this.#byText.get(text);
    if (known) return known;
    const result = this.#checkWithinStack(text);
    if (text.length > this.#options.limits.documentCharacters) return result;
    this.#byText.set(text, result, text.length);
    if (result.ok) this.#byHash.set(result.hash, result.document, text.length);
    return result;
  }

  /** A document that `prepare` found valid, by the hash of its text. */
  byHash(hash: string): DocumentNode | undefined {
    return this.#byHash.get(hash);
  }

  /** What nests so deeply that parsing it overflows the stack is refused like anything else that is too deep. */
  #checkWithinStack(text: string): ValidDocument | RefusedDocument {
    try {
      return this.#check(text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const limit = this.#options.limits.depth;
      return {
        ok: false,
        errors: [
          gatewayError(`the document nests too deeply to be read: ${limit} levels of fields are allowed`, {
            code: errorCodes.depthLimit,
            details: { limit },
          }),
        ],
      };
    }
  }

  #check(text: string): ValidDocument | RefusedDocument {
    const { schema, limits, introspection } = this.#options;
    if (text.length > limits.documentCharacters) return { ok: false, errors: [tooLong(limits.documentCharacters)] };
    const document = parseWithin(text, limits.tokens);
    if (document instanceof GraphQLError) return { ok: false, errors: [document] };
    const early = [
      ...checkLimits(document, limits),
      ...checkNames(document),
      ...checkRoots(document, schema),
      ...checkDelivery(document, schema),
    ];
    if (early.length > 0) return { ok: false, errors: early };
    const rules = introspection ? allRules : [...allRules, NoSchemaIntrospectionCustomRule];
    const invalid = validate(schema, document, rules);
    if (invalid.length > 0) return { ok: false, errors: invalid.map(asValidationError) };
    return { ok: true, document, hash: createHash('sha256').update(text).digest('hex') };
  }
}

function tooLong(limit: number): GraphQLError {
  return gatewayError(`the document has more than ${limit} characters: send long texts as variables`, {
    code: errorCodes.documentLimit,
    details: { limit },
  });
}

function parseWithin(text: string, tokens: number): DocumentNode | GraphQLError {
  try {
    return parse(text, { maxTokens: tokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (error.message.includes('tokens')) {
      return gatewayError(`the document has more than ${tokens} tokens`, {
        code: errorCodes.tokenLimit,
        details: { limit: tokens },
      });
    }
    return withCode(error, errorCodes.parseFailed);
  }
}

/** Responses and variables are ordinary objects here, so the one key that would change their prototype is refused. */
function checkNames(document: DocumentNode): readonly GraphQLError[] {
  const errors: GraphQLError[] = [];
  const refuse = (what: string): void => {
    const message = `the ${what} __proto__ is not allowed: choose another`;
    errors.push(gatewayError(message, { code: errorCodes.validationFailed }));
  };
  visit(document, {
    [Kind.FIELD]: ({ alias }) => {
      if (alias?.value === '__proto__') refuse('alias');
    },
    [Kind.VARIABLE_DEFINITION]: ({ variable }) => {
      if (variable.name.value === '__proto__') refuse('variable');
    },
  });
  return errors;
}

/** The rules of the specification say nothing of an operation whose type the schema does not have: it has no root to begin from. */
function checkRoots({ definitions }: DocumentNode, schema: GraphQLSchema): readonly GraphQLError[] {
  return definitions.flatMap((node) => {
    if (node.kind !== Kind.OPERATION_DEFINITION || schema.getRootType(node.operation)) return [];
    const message = `the schema has no ${node.operation} type, so it takes no ${node.operation}`;
    return [withCode(new GraphQLError(message, { nodes: node }), errorCodes.validationFailed)];
  });
}

/** Lists come in one piece: a client that wants one in several learns that here, not by waiting for the rest. */
function checkDelivery(document: DocumentNode, schema: GraphQLSchema): readonly GraphQLError[] {
  const errors: GraphQLError[] = [];
  visit(document, {
    [Kind.DIRECTIVE]: (node) => {
      const name = node.name.value;
      if (name !== 'stream' || schema.getDirective(name)) return;
      const message =
        '@stream is not offered: a list comes in one piece, ask for pages of it or @defer what is below it';
      errors.push(gatewayError(message, { code: errorCodes.incrementalDelivery }));
    },
  });
  return errors;
}

function asValidationError(error: GraphQLError): GraphQLError {
  return withCode(error, errorCodes.validationFailed);
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  const { nodes, source, positions } = error;
  const place = nodes ? { nodes } : { source: source ?? null, positions: positions ?? null };
  return new GraphQLError(error.message, { ...place, extensions: { ...error.extensions, code } });
}
