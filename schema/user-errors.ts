/** What a domain rule can object to. Codes are part of the API: they are added, never renamed. */
export const userErrorCodes = [
  'NOT_FOUND',
  'INVALID',
  'TAKEN',
  'CONFLICT',
  'FORBIDDEN',
  'SELF_REFERENCE',
  'BLOCKED',
  'CYCLE',
  'LIMIT_EXCEEDED',
  'ALREADY_DONE',
  'IDEMPOTENCY_KEY_REUSED',
] as const;
export type UserErrorCode = (typeof userErrorCodes)[number];

/** A domain error as data: which rule, in words for people, and the input field that it is about. */
export interface UserError {
  readonly code: UserErrorCode;
  readonly message: string;
  readonly path: readonly string[];
}

/** Messages repeat ids as they were given, and those have no limit of their own. */
const messageMax = 500;

export function userError(code: UserErrorCode, message: string, ...path: string[]): UserError {
  return { code, message: message.length > messageMax ? `${message.slice(0, messageMax)}…` : message, path };
}

/** What a pure decision gives: what is to be done, or what stands against it. */
export type Decision<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: readonly UserError[] };

export function decided<T>(value: T): Decision<T> {
  return { ok: true, value };
}

export function objected(...errors: readonly UserError[]): {
  readonly ok: false;
  readonly errors: readonly UserError[];
} {
  return { ok: false, errors };
}
