import { StoreUnavailableError } from '../port.ts';
import { Neo4jDatabase, type Neo4jOptions } from './database.ts';
import { translateOpening } from './failures.ts';
import { makeShards } from './outbox.ts';
import { reconcileSchema } from './schema.ts';

/** Grows when what is stored changes its form, together with a step in `steps` that carries stored data over. */
const format = 1;

/**
 * Connects, checks the server, and brings the database to what this program needs. `onNotice` is told, in words for an operator, what was missing of
 * a database that had been in use. Rejects with {@link StoreUnavailableError}.
 */
export async function openNeo4jDatabase(
  options: Neo4jOptions,
  onNotice: (text: string) => void = () => undefined,
): Promise<Neo4jDatabase> {
  const database = new Neo4jDatabase(options);
  try {
    await database.verify();
    const { made, unfinished, wasEmpty } = await reconcileSchema(database.command);
    if (made.length > 0 && !wasEmpty) {
      onNotice(
        `the database at ${database.address} lacked ${made.length} of its constraints and indexes, which were made: ${made.join(', ')}. Unless this program is newer than the one before, somebody dropped them`,
      );
    }
    if (unfinished.length > 0) {
      throw new StoreUnavailableError(
        `Neo4j at ${database.address} is still building ${unfinished.length} of its indexes, without which queries take long: ${unfinished.join(', ')}`,
      );
    }
    await claimFormat(database);
    await makeShards(database.write);
    return database;
  } catch (error) {
    await database.close();
    throw translateOpening(error, options);
  }
}

/** A lock can only be taken through a property that the database knows by name: this node has it. */
async function claimFormat(database: Neo4jDatabase): Promise<void> {
  const [row] = await database.write(
    `MERGE (f:GraphFormat {name: 'vcos'}) ON CREATE SET f.format = toInteger($format), f._lock = true
     RETURN f.format AS format`,
    { format },
  );
  const found = row?.['format'] as number;
  if (found !== format) {
    throw new StoreUnavailableError(
      `the database at ${database.address} has format ${found}, this program knows ${format}: run the newer program that wrote it, or use another database`,
    );
  }
}
