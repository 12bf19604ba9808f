import * as v from 'valibot';
import { describeError } from './errors.ts';

/**
 * What CloudFormation sends to a custom resource.
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

/** What a custom resource is, once it is there. */
export type CustomResource = {
  /** Another id on an update would make CloudFormation delete the one before. */
  readonly physicalId: string;
  /** For `Fn::GetAtt`. */
  readonly attributes?: Readonly<Record<string, string>>;
};

/**
 * Makes a custom resource what its properties say, and tells CloudFormation how that went. A
 * deletion is only acknowledged: our resources go with what they are a part of.
 *
 * @param put makes it so, whether it is new or not; may be repeated
 * @throws Error when CloudFormation cannot be told; Lambda then invokes again
 */
export async function answerCloudFormation(
  event: unknown,
  put: (properties: unknown) => Promise<CustomResource>,
): Promise<void> {
  const request = v.parse(Request, event);
  const { RequestType, ResponseURL, StackId, RequestId, LogicalResourceId } = request;
  const physicalId = request.PhysicalResourceId ?? LogicalResourceId;
  const answer = (result: object): string =>
    JSON.stringify({
      PhysicalResourceId: physicalId,
      ...result,
      StackId,
      RequestId,
      LogicalResourceId,
    });

  let body: string;
  try {
    const made = RequestType === 'Delete' ? { physicalId } : await put(request.ResourceProperties);
    body = answer({
      Status: 'SUCCESS',
      PhysicalResourceId: made.physicalId,
      Data: made.attributes ?? {},
    });
  } catch (error) {
    body = answer({ Status: 'FAILED', Reason: describeError(error) });
  }
  // The signature of the URL covers an empty content type.
  const headers = { 'content-type': '' };
  const response = await fetch(ResponseURL, { method: 'PUT', body, headers });
  if (!response.ok) {
    throw new Error(`CloudFormation's answer bucket said ${response.status} to ${body}`);
  }
}
