/** The header that every call inside the platform carries (see domain.md, "Handshake"). */
export const HANDSHAKE_HEADER = 'x-n3xus-handshake';

/** The version of the governance protocol under which this build accepts events. Not a secret. */
export const HANDSHAKE = '55-45-17';
