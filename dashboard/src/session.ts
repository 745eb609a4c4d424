import { type Client, createClient } from '../../sdk/client.ts';
import { decodedPart } from './address.ts';

const storageKey = 'vcos.token';

/** A token in the address (`#token=…`, the link that the server prints) is taken up once and removed from the address. */
export function takeTokenFromAddress(): void {
  const match = /^#token=([^&]+)/.exec(location.hash);
  if (!match?.[1]) return;
  sessionStorage.setItem(storageKey, decodedPart(match[1]));
  history.replaceState(null, '', `${location.pathname}#/trends`);
}

export function currentToken(): string | null {
  return sessionStorage.getItem(storageKey);
}

export function keepToken(token: string | null): void {
  if (token === null) sessionStorage.removeItem(storageKey);
  else sessionStorage.setItem(storageKey, token);
}

export function connect(token: string | null): Client {
  return createClient({ url: location.origin, token });
}
