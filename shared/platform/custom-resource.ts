import * as v from 'valibot';
import { describeError } from './errors.ts';

/**
 * CloudFormation's request to a custom resource.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/crpg-ref-requests.html
 */
const Request = v.object({
  RequestType: v.picklist(['Create', 'Update', 'Delete']),
  ResponseURL: v.pipe(v.string(), v.url()),
  StackId: v.string(),
  RequestId: v.string(),
  LogicalResourceId: v.string(),
  PhysicalResourceId: v.optional(v.string()),
  ResourceProperties: v.unknown(),
});

/** The result of a create or an update. */
export type CustomResource = {
  /** If an update changes it, CloudFormation deletes the previous resource. */
  readonly physicalId: string;
  /** For `Fn::GetAtt`. */
  readonly attributes?: Readonly<Record<string, string>>;
};

/**
 * Creates or updates a custom resource, and reports the result to CloudFormation. A deletion is only
 * acknowledged: our resources are deleted with what they are a part of.
 *
 * @param put creates or updates; may be repeated
 * @throws Error when the result cannot be reported; Lambda then invokes again
 */
export async function answerCloudFormation(
  event: unknown,
  put: (properties: unknown) => Promise<CustomResource>,
): Promise<void> {
  const request = v.parse(Request, event);
  const { RequestType, ResponseURL, StackId, RequestId, LogicalResourceId } = request;
  const physicalId = request.PhysicalResourceId ?? LogicalResourceId;
  const respond = (fields: object): string =>
    JSON.stringify({
      PhysicalResourceId: physicalId,
      ...fields,
      StackId,
      RequestId,
      LogicalResourceId,
    });

  let body: string;
  try {
    const result =
      RequestType === 'Delete' ? { physicalId } : await put(request.ResourceProperties);
    body = respond({
      Status: 'SUCCESS',
      PhysicalResourceId: result.physicalId,
      Data: result.attributes ?? {},
    });
  } catch (error) {
    body = respond({ Status: 'FAILED', Reason: describeError(error) });
  }
  // The URL is signed for an empty content type.
  const headers = { 'content-type': '' };
  const response = await fetch(ResponseURL, { method: 'PUT', body, headers });
  if (!response.ok) {
    throw new Error(`CloudFormation's response URL answered ${response.status} to ${body}`);
  }
}
