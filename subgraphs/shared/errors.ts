import { GraphQLError } from 'graphql';

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

export function userError(code: UserErrorCode, message: string, ...path: string[]): UserError {
  return { code, message, path };
}

/** An argument outside its limits: the operation is wrong, not the domain. Thrown, so that the field becomes null. */
export function badInput(message: string, argument: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', argument } });
}

export function unauthenticated(): GraphQLError {
  return new GraphQLError('sign in first: send a token in the header "Authorization: Bearer …"', { extensions: { code: 'UNAUTHENTICATED' } });
}

export function unregistered(): GraphQLError {
  return new GraphQLError('this login has no creator yet: call registerCreator first', { extensions: { code: 'UNREGISTERED' } });
}
