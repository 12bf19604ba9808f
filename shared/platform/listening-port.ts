import { errorCode } from './errors.ts';
import { StartError } from './start-error.ts';

const PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use; choose another',
  EACCES: 'needs privileges this process does not have; choose one above 1023',
};

/**
 * Begins to listen on a port.
 *
 * @param setting the variable that sets the port, for the error message
 * @throws StartError when the port is taken or not permitted
 */
export async function onPort<T>(
  port: number,
  setting: string,
  listen: () => Promise<T>,
): Promise<T> {
  try {
    return await listen();
  } catch (cause) {
    const problem = PROBLEMS[errorCode(cause) ?? ''];
    if (problem === undefined) throw cause;
    throw new StartError(`Port ${port} ${problem} with ${setting}.`, { cause });
  }
}
