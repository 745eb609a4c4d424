import {
  type KeyObject,
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
} from 'node:crypto';

/** What stands before the 32 bytes of an X25519 key in PKCS #8 and in SPKI (RFC 8410). */
const privatePrefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
const publicPrefix = Buffer.from('302a300506032b656e032100', 'hex');
const nonceBytes = 12;
const tagBytes = 16;

export interface AgreementKey {
  readonly privateKey: KeyObject;
  /** 32 bytes, base64. */
  readonly publicKey: string;
}

export function makeAgreementKey(): AgreementKey {
  return agreementKeyOf(generateKeyPairSync('x25519').privateKey);
}

function agreementKeyOf(privateKey: KeyObject): AgreementKey {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return { privateKey, publicKey: spki.subarray(publicPrefix.length).toString('base64') };
}

/** The 32 secret bytes of a key. */
export const privateBytes = ({ privateKey }: AgreementKey): Buffer =>
  privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(privatePrefix.length);

export function restoreAgreementKey(bytes: Uint8Array): AgreementKey {
  return agreementKeyOf(createPrivateKey({ key: Buffer.concat([privatePrefix, bytes]), format: 'der', type: 'pkcs8' }));
}

/** What two parties have in common (X25519, RFC 7748). Throws for a public key that is none. */
export function agree(own: AgreementKey, peerPublicKey: string): Buffer {
  const key = Buffer.concat([publicPrefix, Buffer.from(peerPublicKey, 'base64')]);
  return diffieHellman({
    privateKey: own.privateKey,
    publicKey: createPublicKey({ key, format: 'der', type: 'spki' }),
  });
}

const keyFor = (secret: Uint8Array, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), purpose, 32));

/** Encrypts and authenticates a text for whoever shares the secret (AES-256-GCM), for one purpose. Base64. */
export function sealFor(secret: Uint8Array, purpose: string, text: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', keyFor(secret, purpose), nonce);
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/** The text again. Throws where it was changed, or made for another purpose. */
export function openFrom(secret: Uint8Array, purpose: string, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', keyFor(secret, purpose), bytes.subarray(0, nonceBytes));
  decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes));
  const text = decipher.update(bytes.subarray(nonceBytes, bytes.length - tagBytes));
  return Buffer.concat([text, decipher.final()]).toString('utf8');
}
