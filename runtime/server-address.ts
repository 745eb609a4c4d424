import { isIPv6 } from 'node:net';
import { z } from 'zod';

/** An address of a server; the messages of what is wrong with it do not repeat it, since it may hold a password. */
export const serverUrl = (protocols: readonly string[]) =>
  z.string().transform((text, context): URL => {
    const url = URL.parse(text);
    const refuse = (message: string): never => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    if (url === null || !protocols.includes(url.protocol) || url.hostname === '') {
      const forms = protocols.map((protocol) => `${protocol}//`).join(', ');
      return refuse(
        `must be an address with a host that begins with one of ${forms}; in a login, characters such as / and # are percent-encoded`,
      );
    }
    if (!isEncoded(url.username) || !isEncoded(url.password))
      return refuse(
        'has a % in its login that does not encode a character: write it %25, or give the login apart, in …_USER and …_PASSWORD',
      );
    if (`${url.pathname}${url.search}${url.hash}`.length > 1)
      return refuse('must end with the host and its port: nothing that stands behind them is used');
    return url;
  });

/** Whether percent-encoding can be undone. */
function isEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** `host:port` of some brokers, separated by commas. */
export const brokers = z.string().transform((text, context): readonly string[] => {
  const addresses = text.split(',').flatMap((address) => address.trim() || []);
  const isAddress = (address: string): boolean => {
    const [, v6, name, digits] = /^(?:\[([^\]]+)\]|([^\s:/[\]@]+)):(\d{1,5})$/.exec(address) ?? [];
    return (name !== undefined || isIPv6(v6 ?? '')) && Number(digits) <= 65_535;
  };
  if (addresses.length > 0 && addresses.every(isAddress)) return addresses;
  context.addIssue({
    code: 'custom',
    message: 'must be host:port or [IPv6 address]:port, several of them separated by commas',
  });
  return z.NEVER;
});
