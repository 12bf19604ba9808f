import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { type Mailer, mailBody, mailSubject } from './mail.ts';

/** Publishes to the operations topic, whose subscribers are people. */
export function snsMailer(sns: SNSClient, topicArn: string): Mailer {
  return {
    async send({ subject, body }, signal) {
      const command = new PublishCommand({
        TopicArn: topicArn,
        Subject: mailSubject(subject),
        Message: mailBody(body),
      });
      await sns.send(command, { abortSignal: signal });
    },
  };
}
