import type { LoginSettings } from '../../shared/identity/login/decide-login.ts';
import type { Target } from '../target.ts';

/** The settings for login decisions, from the environment of the identity provider. */
export async function loginSettings(target: Target): Promise<LoginSettings> {
  const {
    TRANSFER_ROLE_ARN: roleArn = '',
    INBOX_BUCKET: inboxBucket = target.physicalId('InboxBucket'),
    KMS_KEY_ARN: kmsKeyArn,
  } = await target.environmentOf('IdentityProviderFunction');
  return {
    roleArn,
    inboxBucket,
    partition: roleArn.split(':')[1] ?? 'aws',
    kmsKeyArn: kmsKeyArn || undefined,
  };
}

/** Suffixes of names that mark unfinished uploads. */
export async function temporarySuffixes(target: Target): Promise<readonly string[]> {
  const { TEMPORARY_SUFFIXES = '' } = await target.environmentOf('IngestFunction');
  return TEMPORARY_SUFFIXES.toLowerCase().split(',').filter(Boolean);
}
