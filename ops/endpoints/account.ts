import { describeError } from '../../shared/platform/errors.ts';
import { EXIT, OpsError } from '../ops-error.ts';

/** Any client of the SDK, as far as it matters here. */
type Client = {
  readonly config: {
    readonly region: () => Promise<string>;
    readonly credentials: () => Promise<unknown>;
  };
};

/**
 * The region that the environment names, once it is certain that it names credentials, too.
 *
 * @throws OpsError; otherwise each region would fail on its own, for the same reason
 */
export async function regionOf({ config }: Client): Promise<string> {
  try {
    await config.credentials();
    return await config.region();
  } catch (cause) {
    const how = 'set AWS_REGION and credentials in the environment, or AWS_PROFILE';
    const exitCode = EXIT.failed;
    throw new OpsError(
      'AWS cannot be asked',
      { why: describeError(cause), how, exitCode },
      { cause },
    );
  }
}
