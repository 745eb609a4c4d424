/**
 * Four subgraphs in one process of their own: users, products, reviews, stock. Each answer is computed once with graphql-js and then
 * sent again as it was, so that what is measured is the gateway before them. `process.send` tells the URLs.
 */
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { graphql, parse } from 'graphql';
import { subgraphs } from './shop.ts';

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

async function serve({ sdl, resolvers }: (typeof subgraphs)[number]): Promise<string> {
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }]);
  const answers = new Map<string, Promise<Buffer>>();
  const answer = async (body: string): Promise<Buffer> => {
    const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
    const result = await graphql({ schema, source: query, variableValues: variables ?? null });
    return Buffer.from(JSON.stringify(result));
  };
  const server = createServer((request, response) => {
    void textOf(request).then(async (body) => {
      let known = answers.get(body);
      if (!known) {
        known = answer(body);
        answers.set(body, known);
      }
      const bytes = await known;
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
      response.end(bytes);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

const urls: Record<string, string> = {};
for (const subgraph of subgraphs) urls[subgraph.name] = await serve(subgraph);
process.send?.({ urls });
