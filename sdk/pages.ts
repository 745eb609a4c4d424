import { ClientError } from './errors.ts';

/** A page of a list, as far as turning pages needs it. */
export interface Connection {
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null };
}

/** Variables of an operation whose pages can be turned. */
export interface PageVariables {
  readonly after?: string | null | undefined;
}

/** Asks for page after page, each when the one before has been taken. A list that is null has no pages. */
export async function* turnPages<C extends Connection>(
  after: string | null | undefined,
  ask: (after: string | null | undefined) => Promise<C | null | undefined>,
): AsyncGenerator<C, void, undefined> {
  let cursor = after;
  for (;;) {
    const page = await ask(cursor);
    if (page == null) return;
    yield page;
    const { hasNextPage, endCursor } = page.pageInfo;
    if (!hasNextPage) return;
    if (endCursor == null || endCursor === cursor)
      throw new ClientError(
        'there is a next page but no new cursor to it: select `pageInfo { hasNextPage endCursor }` and pass `$after` as `after`',
      );
    cursor = endCursor;
  }
}
