import { GraphQLError, GraphQLScalarType, Kind, type ValueNode, valueFromASTUntyped } from 'graphql';
import { formatHlc, hlcSchema, parseHlc } from '../../schema/hlc.ts';

function invalid(scalar: string, expected: string): GraphQLError {
  return new GraphQLError(`${scalar}: ${expected}`, { extensions: { code: 'BAD_USER_INPUT' } });
}

function literalText(node: ValueNode, scalar: string, expected: string): string {
  if (node.kind === Kind.STRING || node.kind === Kind.INT) return node.value;
  throw invalid(scalar, expected);
}

const instantExpected = 'expected an ISO 8601 instant in UTC with milliseconds at most, like 2018-03-12T09:00:00.000Z';
const instantPattern = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/;

function instant(value: unknown): string {
  const text = value instanceof Date ? value.toISOString() : value;
  if (typeof text !== 'string' || !instantPattern.test(text)) throw invalid('DateTime', instantExpected);
  const date = new Date(text);
  // Date.parse carries the 30th of February over into March: no such day exists.
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(text.slice(0, 19)))
    throw invalid('DateTime', instantExpected);
  return date.toISOString();
}

const dateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  serialize: instant,
  parseValue: instant,
  parseLiteral: (node) => instant(literalText(node, 'DateTime', instantExpected)),
});

const hlcExpected =
  'expected a clock reading as this API gives it: 16 digits of microseconds, 5 of counter, the clock, with dots between';

function hlc(value: unknown): string {
  if (typeof value === 'string' && parseHlc(value) !== null) return value;
  const reading = hlcSchema.safeParse(value);
  if (!reading.success) throw invalid('HLC', hlcExpected);
  return formatHlc(reading.data);
}

const hlcScalar = new GraphQLScalarType<string, string>({
  name: 'HLC',
  serialize: hlc,
  parseValue: hlc,
  parseLiteral: (node) => hlc(literalText(node, 'HLC', hlcExpected)),
});

const bigIntExpected = 'expected a whole number as decimal digits in a string (or a number that JSON keeps exact)';

function bigInt(value: unknown): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d{1,40}$/.test(value)) return BigInt(value);
  throw invalid('BigInt', bigIntExpected);
}

const bigIntScalar = new GraphQLScalarType<bigint, string>({
  name: 'BigInt',
  serialize: (value) => bigInt(value).toString(),
  parseValue: bigInt,
  parseLiteral: (node) => bigInt(literalText(node, 'BigInt', bigIntExpected)),
});

const json = new GraphQLScalarType({
  name: 'JSON',
  serialize: (value) => value,
  parseValue: (value) => value,
  parseLiteral: (node, variables) => valueFromASTUntyped(node, variables),
});

/** Resolvers of the scalars that subgraphs may declare. */
export const scalars = { DateTime: dateTime, HLC: hlcScalar, BigInt: bigIntScalar, JSON: json } as const;
