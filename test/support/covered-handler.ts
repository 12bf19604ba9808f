/**
 * The ingest function's handler with V8's coverage on: after each batch it prints which files of
 * shared/ and functions/ a function was called in. Replaces the handler in a copy of the template.
 */
import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
const ingest = await import('../../functions/ingest/handler.ts');

export async function handler(event: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  await takeCalledFiles(); // those of the cold start, or between two batches
  const response = await ingest.handler(event, context);
  process.stdout.write(`${JSON.stringify({ calledFiles: await takeCalledFiles() })}\n`);
  return response;
}

/** Files of ours in which a function was called since the last call of this one. */
async function takeCalledFiles(): Promise<readonly string[]> {
  const { result } = await session.post('Profiler.takePreciseCoverage');
  return result
    .filter(({ url, functions }) => url.startsWith('file:') && functions.some(isCalled))
    .map(({ url }) => relative(PROJECT, fileURLToPath(url)))
    .filter((file) => /^(shared|functions)\//.test(file))
    .toSorted();
}

type Coverage = {
  readonly functionName: string;
  readonly ranges: readonly { readonly startOffset: number; readonly count: number }[];
};

/** The top level of a module counts as a function, without a name and from the file's first character. */
function isCalled({ functionName, ranges: [range] }: Coverage): boolean {
  const isTopLevel = functionName === '' && range?.startOffset === 0;
  return !isTopLevel && range !== undefined && range.count > 0;
}
