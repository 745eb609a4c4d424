import {
  OLD_SIGNATURE_HEADER,
  SIGNATURE_HEADER,
  readClock,
  signGatewayRequest,
} from '../../runtime/gateway-signature.ts';
import type { SignatureHeaders } from '../../runtime/gateway-signature.ts';
import type { SubgraphAuth } from './transport.ts';

export interface SubgraphClockOptions {
  readonly secret: string;
  /** The verifier's name. */
  readonly subgraph: string;
  /** Unix milliseconds. */
  readonly clock?: (() => number) | undefined;
  /** Told of each new difference that was found. */
  readonly onDifference?: ((differenceMs: number) => void) | undefined;
}

/** A smaller change of the difference is the way of the answer, not the clock. */
const noiseMs = 1_000;

/**
 * Signs requests by the clock of their verifier. A subgraph whose clock was set wrong refuses what was signed now and proves its own time; from then on it is
 * asked in its time, so that a wrong clock is a warning and no outage.
 */
export class SubgraphClock {
  readonly #secret: string;
  readonly #subgraph: string;
  readonly #clock: () => number;
  readonly #onDifference: (differenceMs: number) => void;
  #differenceMs = 0;

  constructor({ secret, subgraph, clock, onDifference }: SubgraphClockOptions) {
    this.#secret = secret;
    this.#subgraph = subgraph;
    this.#clock = clock ?? Date.now;
    this.#onDifference = onDifference ?? (() => {});
  }

  /** How far the subgraph's clock was ahead when it last refused a signature for its time, in milliseconds. */
  get differenceMs(): number {
    return this.#differenceMs;
  }

  sign({ handshake, claims }: SubgraphAuth, body: string): SignatureHeaders {
    const nowMs = this.#clock() + this.#differenceMs;
    return signGatewayRequest({ secret: this.#secret, subgraph: this.#subgraph, handshake, claims, body, nowMs });
  }

  /** Takes up the time that a refusal of these headers proves; false where it proves none. */
  learn(signed: SignatureHeaders, clockHeader: string): boolean {
    const told = (signatureHeader: string): number | null =>
      readClock({ secret: this.#secret, signatureHeader }, clockHeader);
    // A subgraph of before answers to the signature that it knows.
    const subgraphMs = told(signed[SIGNATURE_HEADER]) ?? told(signed[OLD_SIGNATURE_HEADER]);
    if (subgraphMs === null) return false;
    const differenceMs = subgraphMs - this.#clock();
    const isNew = Math.abs(differenceMs - this.#differenceMs) > noiseMs;
    this.#differenceMs = differenceMs;
    if (isNew) this.#onDifference(differenceMs);
    return true;
  }
}
