import type { z } from 'zod';

/** Answers true only for what the schema takes as it is; false may also mean that the schema itself must be asked. */
type QuickCheck = (value: unknown) => boolean;

type Definition = z.core.$ZodTypes['_zod']['def'];

/**
 * A check of objects made from their schema, at a fraction of its price: every row of every insert is checked. It knows what tables are made of; of anything else, it asks the
 * column's own schema. True promises that each field stands in the object, that there is no other, that JSON writes all of them as they are, and that texts have no half of a surrogate pair.
 */
export function quickCheckOf({ shape }: z.ZodObject): QuickCheck {
  const columns = Object.entries(shape).map(([name, schema]) => ({ name, check: checkOf(schema as z.core.$ZodType) }));
  const count = columns.length;
  return (value) => {
    if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false;
    const row = value as Readonly<Record<string, unknown>>;
    for (let n = 0; n < count; n += 1) {
      const { name, check } = columns[n] as (typeof columns)[number];
      const field = row[name];
      if (field === undefined || !check(field)) return false;
    }
    return Object.keys(row).length === count;
  };
}

function checkOf(schema: z.core.$ZodType): QuickCheck {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  return ofDefinition(def) ?? ((value) => isScalar(value) && (schema as z.ZodType).safeParse(value).success);
}

/** What JSON writes as it is and a schema that changes nothing can be asked about. */
const isScalar = (value: unknown): boolean =>
  (typeof value === 'string' && value.isWellFormed()) ||
  typeof value === 'number' ||
  typeof value === 'boolean' ||
  value === null;

function ofDefinition(def: Definition): QuickCheck | null {
  switch (def.type) {
    case 'string':
      return ofString(def);
    case 'number':
      return ofNumber(def);
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'enum': {
      const members = new Set<unknown>(Object.values(def.entries));
      return (value) => members.has(value);
    }
    case 'array': {
      if (def.checks?.length) return null;
      const element = checkOf(def.element);
      return (value) => Array.isArray(value) && value.every(element);
    }
    case 'nullable': {
      const inner = checkOf(def.innerType);
      return (value) => value === null || inner(value);
    }
    // Whoever leaves a field out is told by the schema what stands there.
    case 'default':
    case 'optional':
      return checkOf(def.innerType);
    default:
      return null;
  }
}

function ofString(def: z.core.$ZodStringDef): QuickCheck | null {
  // A format of its own (a date) is for the schema.
  if ('format' in def || def.coerce) return null;
  let min = 0;
  let max = Number.POSITIVE_INFINITY;
  const others: QuickCheck[] = [];
  for (const { _zod } of def.checks ?? []) {
    const check = _zod.def as z.core.$ZodChecks['_zod']['def'];
    if (check.check === 'min_length') min = Math.max(min, check.minimum);
    else if (check.check === 'max_length') max = Math.min(max, check.maximum);
    else if (isPlainPattern(check)) others.push((value) => check.pattern.test(value as string));
    else if (isRefinement(check)) others.push(check.fn);
    else return null;
  }
  return (value) =>
    typeof value === 'string' &&
    value.length >= min &&
    value.length <= max &&
    value.isWellFormed() &&
    passes(others, value);
}

function ofNumber(def: z.core.$ZodNumberDef): QuickCheck | null {
  if (def.coerce || ('format' in def && def.format !== 'safeint')) return null;
  const isNumber: QuickCheck = 'format' in def ? Number.isSafeInteger : Number.isFinite;
  let min = Number.NEGATIVE_INFINITY;
  let max = Number.POSITIVE_INFINITY;
  const others: QuickCheck[] = [];
  for (const { _zod } of def.checks ?? []) {
    const check = _zod.def as z.core.$ZodChecks['_zod']['def'];
    if (check.check === 'greater_than' && check.inclusive) min = Math.max(min, Number(check.value));
    else if (check.check === 'less_than' && check.inclusive) max = Math.min(max, Number(check.value));
    else if (isRefinement(check)) others.push(check.fn);
    else return null;
  }
  return (value) => isNumber(value) && (value as number) >= min && (value as number) <= max && passes(others, value);
}

/** A loop, since a closure for each field of each row would be most of what a check leaves behind. */
function passes(checks: readonly QuickCheck[], value: unknown): boolean {
  for (let n = 0; n < checks.length; n += 1) if (!(checks[n] as QuickCheck)(value)) return false;
  return true;
}

function isPlainPattern(check: object): check is { readonly pattern: RegExp } {
  if (!('format' in check && check.format === 'regex' && 'pattern' in check)) return false;
  // A pattern that remembers where it stopped answers otherwise the next time.
  return check.pattern instanceof RegExp && !check.pattern.global && !check.pattern.sticky;
}

function isRefinement(check: object): check is { readonly fn: QuickCheck } {
  return 'check' in check && check.check === 'custom' && 'fn' in check && typeof check.fn === 'function';
}
