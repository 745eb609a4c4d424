import { InvalidRowError, WarehouseDamagedError, WarehouseUnavailableError } from './port.ts';

/** The engine understood and refused: an unknown table, a syntax error. Repeating it does not help. */
export class WarehouseQueryError extends Error {
  override readonly name = 'WarehouseQueryError';
}

/** Errors by which ClickHouse says that a row, not the server, is at fault. */
const rowFaults =
  /^(CANNOT_PARSE_|CANNOT_CONVERT_|INCORRECT_DATA|TYPE_MISMATCH|ARGUMENT_OUT_OF_BOUND|VALUE_IS_OUT_OF_RANGE|TOO_LARGE_STRING_SIZE|DECIMAL_OVERFLOW|CANNOT_INSERT_NULL)/;
/** Errors that pass: room, memory, time, the network, a shutdown. */
const outages =
  /^(MEMORY_LIMIT_EXCEEDED|TIMEOUT_EXCEEDED|SOCKET_TIMEOUT|NETWORK_ERROR|NOT_ENOUGH_SPACE|CANNOT_WRITE_|CANNOT_FSYNC|TOO_MANY_|TABLE_IS_READ_ONLY|READONLY|ABORTED|ALL_CONNECTION_TRIES_FAILED|QUERY_WAS_CANCELLED|CANNOT_OPEN_FILE|CANNOT_CREATE_|CANNOT_SCHEDULE_TASK)/;
/** Errors by which it says that its own files are not what they were. */
const damages =
  /^(CORRUPTED_DATA|CHECKSUM_DOESNT_MATCH|CANNOT_DECOMPRESS|UNKNOWN_CODEC|BAD_SIZE_OF_FILE_IN_DATA_PART|NO_FILE_IN_DATA_PART|UNEXPECTED_FILE_IN_DATA_PART|CANNOT_READ_ALL_DATA|FILE_DOESNT_EXIST)$/;

/** Errors by which it says that its user may not do this. */
const prohibitions = /^(ACCESS_DENIED|READONLY)$/;

/**
 * Turns what the client throws into the port's errors. Texts about rows name ClickHouse's code only: its own text quotes
 * the row.
 */
export function warehouseError(error: unknown, doing: 'query' | 'insert' | 'migrate', name = 'the warehouse'): Error {
  if (error instanceof WarehouseUnavailableError || error instanceof InvalidRowError) return error;
  const type = clickHouseType(error);
  if (type === null)
    return new WarehouseUnavailableError(
      `the warehouse does not answer: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  if (doing === 'migrate' && prohibitions.test(type))
    return new WarehouseUnavailableError(
      `${name} does not let its user make and change tables (${type}: ${firstLine(error)}): grant the user ALL ON platform.* and ALL ON analytics.*, without a profile that only reads`,
      { cause: error },
    );
  if (outages.test(type))
    return new WarehouseUnavailableError(`the warehouse cannot take a ${doing} now: ${type}`, { cause: error });
  if (doing === 'query' && damages.test(type))
    return new WarehouseDamagedError(
      `the warehouse has damaged data (${type}): \`npm run rebuild\` fills it anew from the event log`,
      { cause: error },
    );
  if (doing === 'insert') {
    if (rowFaults.test(type)) return new InvalidRowError(`ClickHouse refused a row: ${type}`);
    return new WarehouseQueryError(`the warehouse refused an insert: ${type}`);
  }
  return new WarehouseQueryError(
    `the warehouse refused a ${doing}: ${type}: ${(error as Error).message.slice(0, 500)}`,
  );
}

/** Whether no answer of ClickHouse came: the connection broke, or something in between answered. */
export function isOutage(error: unknown): boolean {
  return clickHouseType(error) === null && !(error instanceof WarehouseUnavailableError);
}

const firstLine = (error: unknown): string => (error as Error).message.split('\n', 1)[0]?.slice(0, 300).trim() ?? '';

/** The error's symbolic code, told by its shape: client and chDB throw different copies of one class. */
function clickHouseType(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error) || !('type' in error)) return null;
  return typeof error.type === 'string' ? error.type : 'UNKNOWN';
}
