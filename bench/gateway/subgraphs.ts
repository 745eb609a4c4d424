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

/** Calls back with the whole body, without a promise in between: what the subgraphs do is taken from the gateway that is measured. */
function readText(request: IncomingMessage, done: (text: string) => void): void {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (chunk: string) => (text += chunk));
  request.once('end', () => done(text));
}

interface Answer {
  readonly text: string;
  readonly headers: string[];
}

async function serve({ sdl, resolvers }: (typeof subgraphs)[number]): Promise<string> {
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }]);
  const answers = new Map<string, Answer>();
  const answer = async (body: string): Promise<Answer> => {
    const { query, variables } = JSON.parse(body) as { query: string; variables?: Record<string, unknown> };
    const text = JSON.stringify(await graphql({ schema, source: query, variableValues: variables ?? null }));
    const made = {
      text,
      headers: ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(text))],
    };
    answers.set(body, made);
    return made;
  };
  const server = createServer((request, response) => {
    // Head and body are one text, which node:http sends by one call.
    const send = ({ text, headers }: Answer): unknown => response.writeHead(200, headers).end(text);
    readText(request, (body) => {
      const known = answers.get(body);
      if (known) send(known);
      else void answer(body).then(send);
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

const urls: Record<string, string> = {};
for (const subgraph of subgraphs) urls[subgraph.name] = await serve(subgraph);
process.on('message', () => process.send?.({ cpu: process.cpuUsage() }));
process.send?.({ urls });
