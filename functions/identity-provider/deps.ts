import { S3Client } from '@aws-sdk/client-s3';
import type { LoginPorts } from '../../shared/identity/login/log-in.ts';
import { GuessWindow } from '../../shared/identity/login/guess-window.ts';
import { PasswordMemory } from '../../shared/identity/login/password-memory.ts';
import { isPassword } from '../../shared/identity/partner/password.ts';
import { s3PartnerDirectory } from '../../shared/identity/partner/s3-partner-directory.ts';
import { powertoolsLog } from '../../shared/platform/powertools-log.ts';
import type { Config } from './config.ts';

/** How long a login may still be decided by an outdated partner document, as docs/partners.md promises. */
const DOCUMENT_FRESH_FOR_MS = 15_000;
const PASSWORD_REMEMBERED_FOR_MS = 600_000;

/**
 * Wrong passwords from one address, as docs/partners.md promises. Each execution environment counts its own,
 * and the gateway, which asks for each protocol, counts twice.
 */
const GUESSES = { max: 40, windowMs: 600_000 };

/** Puts an adapter into each port. The client reads region, credentials and endpoint from the environment. */
export function createPorts(config: Config): LoginPorts {
  return {
    directory: s3PartnerDirectory(new S3Client({}), config.CONFIG_BUCKET, {
      freshForMs: DOCUMENT_FRESH_FOR_MS,
    }),
    checkPassword: isPassword,
    memory: new PasswordMemory({ forMs: PASSWORD_REMEMBERED_FOR_MS }),
    guesses: new GuessWindow(GUESSES),
    settings: {
      roleArn: config.TRANSFER_ROLE_ARN,
      inboxBucket: config.INBOX_BUCKET,
      partition: config.TRANSFER_ROLE_ARN.split(':')[1] ?? 'aws',
      kmsKeyArn: config.KMS_KEY_ARN || undefined,
    },
    log: powertoolsLog('identity-provider'),
    now: Date.now,
  };
}
