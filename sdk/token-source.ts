/**
 * A token; or a function that is asked for one before every request, and again with the token that the server refused, which is
 * when to fetch a fresh one. Null stands for no token: such requests are anonymous.
 */
export type TokenOption = string | null | ((refused: string | null) => string | null | Promise<string | null>);

/** Where requests and sockets get their token from. */
export class TokenSource {
  readonly #option: TokenOption;
  #renewing: { readonly refused: string; readonly token: Promise<string | null> } | null = null;

  constructor(option: TokenOption) {
    this.#option = option;
  }

  async current(): Promise<string | null> {
    return typeof this.#option === 'function' ? this.#option(null) : this.#option;
  }

  /** Another token than the one refused, or null. All who were refused the same one at a time cause one renewal. */
  renew(refused: string): Promise<string | null> {
    if (this.#renewing?.refused === refused) return this.#renewing.token;
    const token = this.#renew(refused).finally(() => {
      this.#renewing = null;
    });
    this.#renewing = { refused, token };
    return token;
  }

  async #renew(refused: string): Promise<string | null> {
    // Another request may have had it renewed while this one was on its way.
    const current = await this.current();
    if (current !== refused || typeof this.#option !== 'function') return current === refused ? null : current;
    const renewed = await this.#option(refused);
    return renewed === refused ? null : renewed;
  }
}
