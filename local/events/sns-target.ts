import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';

/** Publishes one message without subject or attributes; throws what the SDK throws. */
export async function publishToTopic(
  sns: SNSClient,
  topicArn: string,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  await sns.send(new PublishCommand({ TopicArn: topicArn, Message: body }), {
    abortSignal: signal,
  });
}
