/**
 * What SQS or its stand-in refuses in a message body: U+FFFE and U+FFFF, and characters above U+FFFF, which SQS takes
 * and the stand-in does not. Without the `u` flag this matches each half of the latter.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
const REFUSED = /[\ud800-\udfff\ufffe\uffff]/g;

/**
 * A value as JSON that every queue, topic and bus takes, whatever characters are in it: `📈` becomes `\ud83d\udcc8`,
 * which JSON.parse reads back. Every message body is made with this.
 */
export function encodeJson(value: unknown): string {
  return escapeJson(JSON.stringify(value));
}

/** The same for a text that is JSON already. */
export function escapeJson(json: string): string {
  return json.replaceAll(REFUSED, (half) => `\\u${half.charCodeAt(0).toString(16)}`);
}
