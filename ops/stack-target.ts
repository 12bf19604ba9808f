import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { describeError } from '../shared/platform/errors.ts';
import { EXIT, OpsError } from './ops-error.ts';
import { requireResource, type Target } from './target.ts';

/** An installation on AWS. @param stack name of its CloudFormation stack */
export async function openStack(stack: string): Promise<Target> {
  const client = new CloudFormationClient({});
  const name = `the stack ${stack}`;
  try {
    // ListStackResources pages; DescribeStackResources returns only 100 resources.
    const ids = new Map<string | undefined, string | undefined>();
    for await (const page of paginateListStackResources({ client }, { StackName: stack })) {
      for (const { LogicalResourceId, PhysicalResourceId } of page.StackResourceSummaries ?? []) {
        ids.set(LogicalResourceId, PhysicalResourceId);
      }
    }
    return {
      kind: 'aws',
      name,
      physicalId: (logicalId) => requireResource(ids.get(logicalId), logicalId, name),
      settings: () => ({}),
      environmentOf: (logicalId) =>
        readEnvironment(requireResource(ids.get(logicalId), logicalId, name)),
    };
  } catch (cause) {
    throw new OpsError(
      `${name} could not be read`,
      {
        why: describeError(cause),
        how: 'check the name, AWS_REGION and the credentials (they need cloudformation:ListStackResources)',
        exitCode: EXIT.failed,
      },
      { cause },
    );
  } finally {
    client.destroy();
  }
}

/** Needs lambda:GetFunctionConfiguration. */
async function readEnvironment(functionName: string): Promise<Record<string, string>> {
  const client = new LambdaClient({});
  try {
    const { Environment } = await client.send(
      new GetFunctionConfigurationCommand({ FunctionName: functionName }),
    );
    return Environment?.Variables ?? {};
  } finally {
    client.destroy();
  }
}
