/** Thrown where a transaction is started inside of one of the same store. */
export class NestedTransactionError extends Error {
  override readonly name = 'NestedTransactionError';
  constructor() {
    super(
      'a transaction was started inside a transaction, where it would wait for itself: use the transaction that is at hand',
    );
  }
}
