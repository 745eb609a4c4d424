import { type Client, createClient } from '../../sdk/client.ts';
import { decodedPart } from './address.ts';

const storageKey = 'vcos.token';
/** Where the browser lets no page keep anything, it is kept until the page is left. */
let unkept: string | null = null;

/** A token in the address (`#token=…`, the link that the server prints) is taken up once and removed from the address. */
export function takeTokenFromAddress(): void {
  const match = /^#token=([^&]+)/.exec(location.hash);
  if (!match?.[1]) return;
  keepToken(decodedPart(match[1]));
  history.replaceState(null, '', `${location.pathname}#/trends`);
}

export function currentToken(): string | null {
  try {
    return sessionStorage.getItem(storageKey);
  } catch {
    return unkept;
  }
}

export function keepToken(token: string | null): void {
  unkept = token;
  try {
    if (token === null) sessionStorage.removeItem(storageKey);
    else sessionStorage.setItem(storageKey, token);
  } catch {
    // It is in `unkept`.
  }
}

export function connect(token: string | null): Client {
  return createClient({ url: location.origin, token });
}
