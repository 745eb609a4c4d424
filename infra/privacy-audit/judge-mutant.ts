/** Run by the mutation suite in a process of its own: prints what the audit found first, or nothing. */
import { auditParts } from './audit.ts';
import { foundMark } from './mutants.ts';

for (const { name, faults } of auditParts('QUICK', 'mutants')) {
  if (faults.length === 0) continue;
  process.stdout.write(`\n${foundMark}${name}: ${faults[0] ?? ''}\n`);
  break;
}
