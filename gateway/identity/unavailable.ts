/** It cannot be known at the moment whether a token is good: it is neither refused nor believed. */
export class IdentityUnavailableError extends Error {
  override readonly name = 'IdentityUnavailableError';
}
