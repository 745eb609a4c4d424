/** What the tests use of an independent JSON-LD processor, which has no types of its own. */
declare module 'jsonld' {
  interface Term {
    readonly termType: string;
    readonly value: string;
    readonly datatype?: { readonly value: string };
  }
  interface Quad {
    readonly subject: Term;
    readonly predicate: Term;
    readonly object: Term;
    readonly graph: Term;
  }
  const processor: { toRDF(document: object, options: { safe: boolean }): Promise<readonly Quad[]> };
  export default processor;
}
