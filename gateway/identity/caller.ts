import { isIPv6 } from 'node:net';
import type { Claims } from '../../runtime/identity.ts';

/** Whom a request is charged to: who is signed in, else the address it came from. */
export function callerOf(claims: Claims | null, address: string | undefined): string {
  return claims ? `token ${claims.issuer} ${claims.subject}` : `address ${networkOf(address ?? '')}`;
}

/** One customer of a provider has a whole /64 of IPv6 addresses. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address.replace('::ffff:', '');
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const rest = (tail ?? '').split(':').filter((group) => group !== '');
  const zeros = Array.from(
    { length: tail === undefined ? 0 : Math.max(0, 8 - groups.length - rest.length) },
    () => '0',
  );
  return `${[...groups, ...zeros, ...rest].slice(0, 4).join(':')}::/64`;
}
