/** Hive Gateway with the Rust query planner of its router, as their documentation has it: `hive.mjs SUPERGRAPH`. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';

const runtime = createGatewayRuntime({
  supergraph: readFileSync(process.argv[2], 'utf8'),
  unifiedGraphHandler,
  logging: false,
});
const server = createServer(runtime);
server.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}/graphql` }));
process.on('message', () => process.send({ cpu: process.cpuUsage() }));
process.on('disconnect', () => process.exit());
