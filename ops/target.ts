import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as v from 'valibot';
import { describeError, errorCode } from '../shared/platform/errors.ts';
import { EXIT, OpsError } from './ops-error.ts';

/** Options of an SDK client. */
type ClientSettings = {
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly endpoint?: string;
};

/** An installation of Airlock: on this machine, or a stack on AWS. */
export type Target = {
  readonly kind: 'local' | 'aws';
  /** For messages. */
  readonly name: string;
  /** Physical id of a resource of the template. @throws OpsError when the installation has none */
  physicalId(logicalId: string): string;
  /**
   * Options for an SDK client, as in `new S3Client(target.settings('s3'))`; empty on AWS, so that the
   * client reads region and credentials from the environment.
   *
   * @throws OpsError for a service that does not run on this machine
   */
  settings(service: string): ClientSettings;
  /** What clamd scans with on this machine, where it does not follow the published signatures. */
  readonly localSignatures?: LocalSignatures;
  /** A function's environment, which has the installation's settings. */
  environmentOf(logicalId: string): Promise<Readonly<Record<string, string>>>;
};

const LocalSignatures = v.object({
  source: v.string(),
  directory: v.string(),
  builtAt: v.nullable(v.string()),
});
export type LocalSignatures = v.InferOutput<typeof LocalSignatures>;

const RuntimeInfo = v.object({
  pid: v.number(),
  region: v.string(),
  credentials: v.object({ accessKeyId: v.string(), secretAccessKey: v.string() }),
  endpoints: v.record(v.string(), v.string()),
  resources: v.record(v.string(), v.string()),
  environments: v.record(v.string(), v.record(v.string(), v.string())),
  clamd: v.optional(v.object({ signatures: LocalSignatures })),
});

/** @param home state directory of a running `npm start` */
export async function openLocal(home: string): Promise<Target> {
  const file = join(resolve(home), 'runtime.json');
  const info = parseRuntimeInfo(file, await readRuntimeInfo(file));
  if (!isAlive(info.pid)) throw notRunning(file, `process ${info.pid} is gone`);
  const { region, credentials, endpoints, resources, environments, clamd } = info;
  const name = `the Airlock on this machine (${home})`;
  return {
    kind: 'local',
    name,
    physicalId: (logicalId) => requireResource(resources[logicalId], logicalId, name),
    settings(service) {
      const endpoint = endpoints[service];
      if (endpoint !== undefined) return { region, credentials, endpoint };
      throw new OpsError(`the Airlock on this machine has no ${service}`, {
        how: 'give --stack NAME for an Airlock on AWS',
      });
    },
    ...(clamd && { localSignatures: clamd.signatures }),
    environmentOf: async (logicalId) => requireResource(environments[logicalId], logicalId, name),
  };
}

/** @throws OpsError when the installation has no such resource */
export function requireResource<T>(resource: T | undefined, logicalId: string, name: string): T {
  if (resource !== undefined) return resource;
  throw new OpsError(`${name} has no ${logicalId}`, {
    how: 'the installation may be of an older version of Airlock; update it',
  });
}

async function readRuntimeInfo(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') throw notRunning(file, 'there is no such file');
    throw notRunning(file, describeError(error));
  }
}

function parseRuntimeInfo(file: string, text: string): v.InferOutput<typeof RuntimeInfo> {
  try {
    return v.parse(RuntimeInfo, JSON.parse(text));
  } catch (cause) {
    throw new OpsError(
      `${file} is not what a running Airlock writes`,
      {
        why: describeError(cause),
        how: 'restart `npm start`, of this version of Airlock',
        exitCode: EXIT.failed,
      },
      { cause },
    );
  }
}

function notRunning(file: string, why: string): OpsError {
  return new OpsError('no Airlock runs on this machine', {
    why: `${file}: ${why}`,
    how: 'start it with `npm start`, give its state directory with --home, or give --stack NAME for one on AWS',
    exitCode: EXIT.failed,
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
