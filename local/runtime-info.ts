import { rename, writeFile } from 'node:fs/promises';
import type { Signatures } from './clamd/signatures.ts';
import type { ClientSettings } from './client-settings.ts';
import type { Endpoints } from './cloud.ts';

type Queue = { readonly url: string; readonly arn: string };

/** A running Airlock for scripts and tests: the content of `runtime.json`. */
export type RuntimeInfo = ClientSettings & {
  readonly pid: number;
  readonly sftp: {
    readonly host: string;
    readonly port: number;
    readonly username: string;
    readonly password: string;
    readonly privateKeyPath: string;
  };
  readonly landingRoot: string;
  readonly endpoints: Endpoints;
  readonly buckets: { readonly inbox: string; readonly quarantine: string };
  readonly queues: {
    readonly ingest: Queue;
    readonly deadLetter: Queue;
    readonly undeliveredEvent: Queue;
  };
  readonly topics: { readonly notices: { readonly arn: string } };
  /** Physical id by logical id, as in CloudFormation: bucket and function names, queue URLs, topic ARNs. */
  readonly resources: Readonly<Record<string, string>>;
  /** Environment of each function by logical id, as the template sets it. */
  readonly environments: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly clamd: {
    readonly socket: string;
    readonly version: string;
    readonly signatures: Signatures;
  };
  /** Directory with the logs of clamd, the gateway and the functions. */
  readonly logs: string;
};

/** Writes the file atomically; readable by its owner only, since it contains the demo password. */
export async function writeRuntimeInfo(path: string, info: RuntimeInfo): Promise<void> {
  const partial = `${path}.partial`;
  await writeFile(partial, `${JSON.stringify(info, null, 2)}\n`, { mode: 0o600 });
  await rename(partial, path);
}
