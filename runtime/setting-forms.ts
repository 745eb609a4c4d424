import { z } from 'zod';

/** What was given, as a refusal repeats it: in quotes, so that spaces are seen. For settings only that hold no password. */
export const quoted = (given: string): string => JSON.stringify(given.length > 40 ? `${given.slice(0, 40)}…` : given);

/** A whole number. `Number` alone takes blanks for 0, which for a limit stands for none. */
export const wholeNumber = (min: number, max: number) =>
  z.string().transform((text, context): number => {
    const number = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    context.addIssue({
      code: 'custom',
      message: `must be a whole number from ${min} to ${max}, not ${quoted(text)}`,
    });
    return z.NEVER;
  });
/** One of some words. */
export const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: ({ input }) => `must be one of ${values.join(', ')}, not ${quoted(String(input))}` });

/** JSON that fits a schema; `example` is shown to whoever wrote something else. */
export const json = <T extends z.ZodType>(schema: T, example: string) =>
  z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue({ code: 'custom', message: `is not JSON: it must be like ${example}, not ${quoted(text)}` });
        return z.NEVER;
      }
    })
    .pipe(schema);
