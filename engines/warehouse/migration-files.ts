import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256Hex } from '../../schema/events/envelope.ts';

/** The migrations of this build. */
export const migrationsFolder = fileURLToPath(new URL('../../schema/warehouse/migrations/', import.meta.url));

/** The folder of migrations and what the warehouse has seen do not belong together. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

export interface Migration {
  readonly version: number;
  readonly file: string;
  readonly hash: string;
  readonly statements: readonly string[];
}

export interface AppliedMigration {
  readonly version: number;
  readonly file: string;
  readonly hash: string;
}

/** Reads `NNNN-what-it-does.sql` files in the order of their numbers. */
export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  const migrations = await Promise.all(files.map((file) => readMigration(folder, file)));
  migrations.forEach((migration, index) => {
    if (migration.version !== index + 1)
      throw new MigrationError(
        `migration ${migration.file}: numbers count up from 0001 without gaps, expected ${String(index + 1).padStart(4, '0')}`,
      );
  });
  return migrations;
}

async function readMigration(folder: string, file: string): Promise<Migration> {
  const number = /^(\d{4})-[a-z0-9-]+\.sql$/.exec(file)?.[1];
  if (number === undefined) throw new MigrationError(`migration ${file}: its name must be like 0001-what-it-does.sql`);
  const text = await readFile(join(folder, file), 'utf8');
  const statements = text.split(/^;[ \t\r]*$/m).filter((statement) => withoutComments(statement) !== '');
  return { version: Number(number), file, hash: sha256Hex(text), statements };
}

function withoutComments(statement: string): string {
  return statement.replace(/^\s*--.*$/gm, '').trim();
}

/** Those still to be applied. Throws {@link MigrationError} naming the file that was edited or that this build does not have. */
export function pendingMigrations(
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] {
  for (const past of applied) {
    const migration = migrations[past.version - 1];
    if (!migration)
      throw new MigrationError(
        `the warehouse has migration ${past.file}, which this build does not know: run the newer build, or use another data directory`,
      );
    if (migration.file !== past.file || migration.hash !== past.hash) {
      throw new MigrationError(
        `migration ${migration.file} was changed after it had been applied as ${past.file}: restore the file and put the change into a new migration`,
      );
    }
  }
  const versions = new Set(applied.map((past) => past.version));
  return migrations.filter((migration) => !versions.has(migration.version));
}

/** What stands, once all of these are applied: tables and views, in the order of their names. */
export function standingAfter(migrations: readonly Migration[]): readonly string[] {
  const standing = new Set<string>();
  for (const statement of migrations.flatMap(({ statements }) => statements)) {
    const made = /^CREATE (?:TABLE|MATERIALIZED VIEW) IF NOT EXISTS (\w+\.\w+)/m.exec(statement)?.[1];
    const dropped = /^DROP (?:TABLE|VIEW) IF EXISTS (\w+\.\w+)/m.exec(statement)?.[1];
    if (made !== undefined) standing.add(made);
    if (dropped !== undefined) standing.delete(dropped);
  }
  return [...standing].sort();
}

/**
 * Migrations that somebody began and that are not on record as done: what they make is there. Their statements can be repeated, so they are
 * simply applied; the words are for an operator who wonders what broke off.
 */
export function halfApplied(pending: readonly Migration[], present: ReadonlySet<string>): readonly string[] {
  return pending.flatMap(({ file, statements }) => {
    const made = statements.flatMap(
      (statement) => /^CREATE TABLE IF NOT EXISTS (\w+\.\w+)/m.exec(statement)?.[1] ?? [],
    );
    const there = made.filter((name) => present.has(name));
    if (there.length === 0) return [];
    return [
      `migration ${file} is not on record as applied, but ${there.join(', ')} is there: it broke off, or another process applies it right now; it is applied from its beginning`,
    ];
  });
}
