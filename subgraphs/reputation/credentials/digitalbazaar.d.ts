/** What the tests use of an independent implementation of verifiable credentials, which has no types of its own. */
declare module '@digitalbazaar/eddsa-jcs-2022-cryptosuite' {
  export function createVerifyCryptosuite(): object;
}
declare module '@digitalbazaar/data-integrity' {
  export const DataIntegrityProof: new (options: { cryptosuite: object }) => object;
}
declare module '@digitalbazaar/vc' {
  export function verifyCredential(options: {
    credential: object;
    suite: object;
    documentLoader: (url: string) => Promise<{ contextUrl: null; documentUrl: string; document: object }>;
    checkStatus?: (options: { credential: object }) => Promise<{ verified: boolean }>;
  }): Promise<{ readonly verified: boolean; readonly error?: unknown }>;
}
