import { GraphQLError } from 'graphql';

export { type UserError, userError } from '../../schema/user-errors.ts';

/** An argument outside its limits: the operation is wrong, not the domain. Thrown, so that the field becomes null. */
export function badInput(message: string, argument: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', argument } });
}

export function unauthenticated(): GraphQLError {
  return new GraphQLError('sign in first: send a token in the header "Authorization: Bearer …"', {
    extensions: { code: 'UNAUTHENTICATED' },
  });
}

export function unregistered(): GraphQLError {
  return new GraphQLError('this login has no creator yet: call registerCreator first', {
    extensions: { code: 'UNREGISTERED' },
  });
}
