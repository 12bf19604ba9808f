import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

export type SqsDelivery = {
  readonly queueUrl: string;
  readonly body: string;
  readonly attributes?: Readonly<Record<string, string>>;
  /** X-Ray's header; EventBridge passes it on as a system attribute of the message. */
  readonly traceHeader?: string;
};

/** Sends one message; throws what the SDK throws. */
export async function sendToQueue(
  sqs: SQSClient,
  delivery: SqsDelivery,
  signal: AbortSignal,
): Promise<void> {
  const { queueUrl, body, attributes, traceHeader } = delivery;
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: body,
      ...(attributes && { MessageAttributes: toStringAttributes(attributes) }),
      ...(traceHeader !== undefined && {
        MessageSystemAttributes: { AWSTraceHeader: stringAttribute(traceHeader) },
      }),
    }),
    { abortSignal: signal },
  );
}

function toStringAttributes(attributes: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, stringAttribute(value)]),
  );
}

function stringAttribute(value: string) {
  return { DataType: 'String', StringValue: value };
}
