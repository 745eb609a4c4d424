import { randomUUID } from 'node:crypto';
import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { makeDirectory } from './make-directory.ts';

/** The issuer (`iss`) of tokens signed with this installation's own key. */
export const BUILT_IN_ISSUER = 'vcos';
/** The audience (`aud`) that the gateway asks for. */
export const BUILT_IN_AUDIENCE = 'vcos-gateway';
/** The only algorithm of the built-in issuer. */
export const BUILT_IN_ALGORITHM = 'EdDSA';
/** A token is good for no longer than this after it was issued, in seconds, whatever its expiry: revocations need not be kept for ever. */
export const TOKEN_AGE_S_MAX = 90 * 86_400;
/** What a token may do unless the caller of `issueToken` says otherwise. */
const DEFAULT_SCOPES: readonly string[] = ['read', 'write'];

export interface IssuerKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

export class IssuerKeyError extends Error {
  override readonly name = 'IssuerKeyError';
}

/**
 * The key in `file`, made there with mode 600 when the file is absent. Two processes that start together agree on one
 * key. Throws `IssuerKeyError` for a file that holds no usable Ed25519 key; the file is then left as it is.
 */
export async function loadOrCreateIssuerKey(file: string): Promise<IssuerKey> {
  return (await loadIssuerKey(file)) ?? (await createIssuerKey(file));
}

async function loadIssuerKey(file: string): Promise<IssuerKey | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new IssuerKeyError(`${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
  try {
    return await keyFromJwk(JSON.parse(text) as JWK);
  } catch {
    throw new IssuerKeyError(
      `${file} does not hold an Ed25519 private key as JWK: restore it from a backup, or delete it to have a new one made (tokens issued so far then stop working)`,
    );
  }
}

async function createIssuerKey(file: string): Promise<IssuerKey> {
  const { privateKey } = await generateKeyPair(BUILT_IN_ALGORITHM, { extractable: true });
  const jwk = await exportJWK(privateKey);
  makeDirectory(dirname(file));
  // Written aside and linked into place: a reader sees the whole key or none, and the first of two writers wins.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, `${JSON.stringify(jwk)}\n`, { mode: 0o600, flag: 'wx', flush: true });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  const key = await loadIssuerKey(file);
  if (key === undefined) throw new IssuerKeyError(`${file} vanished while it was being made`);
  return key;
}

async function keyFromJwk(jwk: JWK): Promise<IssuerKey> {
  if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519' || jwk.d === undefined)
    throw new TypeError('not an Ed25519 private key');
  const { d: _secret, ...publicJwk } = jwk;
  return {
    kid: await calculateJwkThumbprint(publicJwk),
    privateKey: (await importJWK(jwk, BUILT_IN_ALGORITHM)) as CryptoKey,
    publicKey: (await importJWK(publicJwk, BUILT_IN_ALGORITHM)) as CryptoKey,
  };
}

export interface TokenRequest {
  readonly key: IssuerKey;
  /** Whom the token speaks for: a creator's id or name. */
  readonly subject: string;
  readonly scopes?: readonly string[];
  /** How long the token is good for, in seconds; `TOKEN_AGE_S_MAX` at most. */
  readonly ttlS: number;
  readonly nowMs?: number;
}

/** A signed token for a subject. Its scopes are the space-separated `scope` claim of RFC 8693. */
export async function issueToken(request: TokenRequest): Promise<string> {
  const issuedAtS = Math.floor((request.nowMs ?? Date.now()) / 1000);
  return new SignJWT({ scope: (request.scopes ?? DEFAULT_SCOPES).join(' ') })
    .setProtectedHeader({ alg: BUILT_IN_ALGORITHM, kid: request.key.kid, typ: 'JWT' })
    .setIssuer(BUILT_IN_ISSUER)
    .setAudience(BUILT_IN_AUDIENCE)
    .setSubject(request.subject)
    .setJti(randomUUID())
    .setIssuedAt(issuedAtS)
    .setExpirationTime(issuedAtS + request.ttlS)
    .sign(request.key.privateKey);
}
