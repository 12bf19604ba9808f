import * as v from 'valibot';

/**
 * Reads a function's environment.
 *
 * @param name of the function, for the error
 * @throws Error that names each variable that is missing or wrong
 */
export function parseEnvironment<T>(
  schema: v.GenericSchema<unknown, T>,
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): T {
  const parsed = v.safeParse(schema, env);
  if (parsed.success) return parsed.output;
  const wrong = parsed.issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);
  throw new Error(`the environment of the ${name} function is wrong: ${wrong.join('; ')}`);
}
