/** This project's gateway over somebody else's supergraph, in a process of its own: `ours.ts SUPERGRAPH`. */
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import { createStandaloneGateway } from '../../gateway/standalone.ts';

const [file = ''] = process.argv.slice(2);
const gateway = createStandaloneGateway({
  port: 0,
  host: '127.0.0.1',
  supergraph: readFileSync(file, 'utf8'),
  logger: pino({ level: 'warn' }),
});
await gateway.start();
process.on('message', () => process.send?.({ cpu: process.cpuUsage() }));
process.on('disconnect', () => process.exit());
process.send?.({ url: gateway.address?.url });
