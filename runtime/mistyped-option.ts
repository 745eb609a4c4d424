/** Whether `parseArgs` of node:util threw it: its message is for whoever typed the command line, a stack would only hide it. */
export function isMistypedOption(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
