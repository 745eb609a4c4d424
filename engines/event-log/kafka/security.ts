import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { type BrokerLogin, type ClientCertificateFiles, ConfigError } from '../../../runtime/config.ts';

/** What every connection to a broker begins with. */
export interface Security {
  /** The brokers' certificates must be of a CA that Node trusts. */
  readonly tls: boolean;
  readonly login: BrokerLogin | null;
  /** What clients show who they are by; brokers ask for it, or not. */
  readonly certificate?: ClientCertificate | null;
}

/** In PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * Reads the files of a client's certificate. Throws {@link ConfigError} that names the variable whose file cannot be read or is none of that kind.
 */
export function readClientCertificate(files: ClientCertificateFiles): ClientCertificate {
  const read = (variable: string, file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      throw new ConfigError(`environment variable ${variable}: ${(error as Error).message}`, { cause: error });
    }
  };
  const certificate = { cert: read('EVENT_LOG_TLS_CERT', files.cert), key: read('EVENT_LOG_TLS_KEY', files.key) };
  try {
    // TLS itself would take empty files for none.
    if (!new X509Certificate(certificate.cert).checkPrivateKey(createPrivateKey(certificate.key)))
      throw new Error('they do not belong together');
    return certificate;
  } catch (error) {
    throw new ConfigError(
      `environment variables EVENT_LOG_TLS_CERT and EVENT_LOG_TLS_KEY: ${files.cert} and ${files.key} are no certificate and its private key in PEM, without a passphrase (${(error as Error).message})`,
      { cause: error },
    );
  }
}

export const speaksTls = 'the broker speaks TLS there';

/** Calls back where the other side speaks TLS to somebody who does not: such an answer is no answer of Kafka's protocol. */
export function onTlsRecord(socket: Socket, then: () => void): void {
  const [handshakeOrAlert, major] = [[0x15, 0x16], 3];
  socket.once('data', (bytes: Buffer) => {
    if (handshakeOrAlert.includes(bytes[0] ?? 0) && bytes[1] === major) then();
  });
}

/** The host and the port of `host:port`, an IPv6 address without its brackets. */
export function hostAndPort(broker: string): { readonly host: string; readonly port: number } {
  const at = broker.lastIndexOf(':');
  return { host: broker.slice(0, at).replace(/^\[(.*)\]$/, '$1'), port: Number(broker.slice(at + 1)) };
}

/** In words, what a broker is expected to take. */
export function expectationOf({ tls, login, certificate }: Security): string {
  return `${tls ? 'with' : 'without'} TLS${certificate ? ', with a certificate of the client' : ''} and ${login === null ? 'without a login' : `with a login by ${login.mechanism}`}`;
}

/** What to do about a connection that does not come about, as far as its errors tell: begins with a separator, or is empty. Never holds what a login consists of. */
export function adviceOn(error: unknown, { tls, login, certificate }: Security): string {
  const told = [...wordsOf(error)].join('\n');
  if (certificateRefused.test(told))
    return certificate
      ? '; the broker refuses the certificate of EVENT_LOG_TLS_CERT: it must be of a CA that the broker trusts, and not expired'
      : '; the broker asks for a certificate of its clients: EVENT_LOG_TLS_CERT and EVENT_LOG_TLS_KEY name the files of one';
  const found = advice.find(([pattern]) => pattern.test(told));
  if (found !== undefined) return `; ${found[1]}`;
  if (tls && notTls.test(told)) return '; the broker may speak no TLS there: EVENT_LOG_TLS=false is for those';
  if (login !== null && refused.test(told)) {
    return '; the broker refuses the login: see EVENT_LOG_USER, EVENT_LOG_PASSWORD and EVENT_LOG_SASL';
  }
  return '';
}

const advice: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`${speaksTls}|Broker requires TLS`), 'EVENT_LOG_TLS=true is for brokers that speak TLS'],
  [
    /SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF|UNABLE_TO_GET_ISSUER|self-signed certificate|unable to (verify the first|get (local )?issuer) certificate/,
    "the broker's certificate is of no CA that is trusted here: NODE_EXTRA_CA_CERTS names the file with the certificate of a private one",
  ],
  [/UNSUPPORTED_SASL_MECHANISM|mechanism is not supported/, 'the broker knows no such login: see EVENT_LOG_SASL'],
  [/ILLEGAL_SASL_STATE/, 'the broker expects no login there: unset EVENT_LOG_SASL'],
];
const certificateRefused =
  /ALERT_(BAD_|UNKNOWN_)?CERTIFICATE|ALERT_UNKNOWN_CA|alert (bad |unknown )?certificate|alert unknown ca/;
const depthMax = 8;
const notTls = /secure TLS connection was established|TLS handshake failed|WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/;
const refused = /SASL_AUTHENTICATION_FAILED|authentication failed/i;

/** Messages and codes of an error, of its causes and of those that it gathers. */
function* wordsOf(error: unknown, depth = 0): Generator<string> {
  if (typeof error !== 'object' || error === null || depth > depthMax) return;
  const { message, code, apiId, type, cause, errors } = error as Readonly<Record<string, unknown>>;
  for (const word of [message, code, apiId, type]) if (typeof word === 'string') yield word;
  yield* wordsOf(cause, depth + 1);
  if (Array.isArray(errors)) for (const each of errors as readonly unknown[]) yield* wordsOf(each, depth + 1);
}
