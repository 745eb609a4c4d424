/** What a verified token says of its bearer. `expiresAt` is in milliseconds since the Unix epoch. */
export interface Claims {
  /** The OIDC issuer (or the built-in one) that vouches for the subject. */
  readonly issuer: string;
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly expiresAt: number;
}
