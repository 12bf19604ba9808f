import { S3Error } from './errors.ts';
import type { Pairs } from './pairs.ts';

const MAX_TAGS = 10;
const MAX_KEY_CHARS = 128;
const MAX_VALUE_CHARS = 256;
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/**
 * Validates a tag set: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
 *
 * @throws S3Error BadRequest for too many tags, InvalidTag for all else
 */
export function checkTags(tags: Pairs): Pairs {
  if (tags.length > MAX_TAGS) {
    throw new S3Error('BadRequest', `Object tags cannot be greater than ${MAX_TAGS}`);
  }
  const keys = new Set<string>();
  for (const [key, value] of tags) {
    if (key === '' || Array.from(key).length > MAX_KEY_CHARS || !ALLOWED.test(key)) {
      throw new S3Error('InvalidTag', 'The TagKey you have provided is invalid', {
        details: { TagKey: key },
      });
    }
    if (Array.from(value).length > MAX_VALUE_CHARS || !ALLOWED.test(value)) {
      throw new S3Error('InvalidTag', 'The TagValue you have provided is invalid', {
        details: { TagKey: key },
      });
    }
    if (key.startsWith('aws:')) {
      throw new S3Error('InvalidTag', 'System tags cannot be added/updated by requester');
    }
    if (keys.has(key)) {
      throw new S3Error('InvalidTag', 'Cannot provide multiple Tags with the same key', {
        details: { TagKey: key },
      });
    }
    keys.add(key);
  }
  return tags;
}

/**
 * Reads `x-amz-tagging`, which is encoded like a query string.
 *
 * @throws S3Error as checkTags does, InvalidArgument when it cannot be decoded
 */
export function parseTaggingHeader(header: string | undefined): Pairs {
  if (header === undefined || header === '') return [];
  try {
    return checkTags(
      header.split('&').map((pair) => {
        const [key = '', ...value] = pair.split('=');
        return [decode(key), decode(value.join('='))];
      }),
    );
  } catch (error) {
    if (error instanceof S3Error) throw error;
    throw new S3Error(
      'InvalidArgument',
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      { cause: error },
    );
  }
}

function decode(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}
