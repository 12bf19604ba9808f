import * as v from 'valibot';

/** A variable that must not be empty. */
export const text = v.pipe(v.string(), v.minLength(1));

/** A whole number from 0. */
export const count = v.pipe(
  v.string(),
  v.regex(/^\d+$/, 'must be a whole number'),
  v.transform(Number),
);

/** A whole number from 1. */
export const positive = v.pipe(count, v.minValue(1));

/**
 * Reads a function's environment.
 *
 * @param name of the function, for the error
 * @throws Error that names each missing or invalid variable
 */
export function parseEnvironment<T>(
  schema: v.GenericSchema<unknown, T>,
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): T {
  const parsed = v.safeParse(schema, env);
  if (parsed.success) return parsed.output;
  const invalid = parsed.issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);
  throw new Error(`the environment of the ${name} function is invalid: ${invalid.join('; ')}`);
}
