import { describeError } from '../../shared/platform/errors.ts';
import { EXIT, OpsError } from '../ops-error.ts';

/** The parts of an SDK client that are used here. */
type Client = {
  readonly config: {
    readonly region: () => Promise<string>;
    readonly credentials: () => Promise<unknown>;
  };
};

/**
 * The environment's region, after checking that it has credentials, too.
 *
 * @throws OpsError if not; otherwise each region would fail on its own, for the same reason
 */
export async function regionOf({ config }: Client): Promise<string> {
  try {
    await config.credentials();
    return await config.region();
  } catch (cause) {
    const how = 'set AWS_REGION and credentials in the environment, or AWS_PROFILE';
    const exitCode = EXIT.failed;
    throw new OpsError(
      'AWS cannot be called',
      { why: describeError(cause), how, exitCode },
      { cause },
    );
  }
}
