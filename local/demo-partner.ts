import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type * as v from 'valibot';
import type { Partner } from '../shared/identity/partner/partner.ts';
import { hashPassword } from '../shared/identity/partner/password.ts';
import { partnerKey } from '../shared/identity/partner/s3-partner-directory.ts';
import { isNoSuchKey } from '../shared/s3/errors.ts';
import type { Credentials } from '../gateway/ssh/credentials.ts';

/**
 * Sees to it that there is the demo partner, whose home is the whole inbox. A document that has the
 * demo's key stays as it is: somebody may have changed it on purpose.
 */
export async function ensureDemoPartner(
  s3: S3Client,
  bucket: string,
  credentials: Pick<Credentials, 'username' | 'password' | 'publicKey'>,
): Promise<void> {
  const { username, password, publicKey } = credentials;
  const place = { Bucket: bucket, Key: partnerKey(username) };
  if ((await textOf(s3, place)).includes(publicKey)) return;
  const partner: v.InferInput<typeof Partner> = {
    version: 1,
    name: username,
    displayName: 'Demo partner of this machine',
    enabled: true,
    password: await hashPassword(password),
    publicKeys: [{ key: publicKey, comment: 'made by npm start' }],
    allowedNetworks: ['127.0.0.0/8', '::1'],
    protocols: ['SFTP', 'SCP'],
    space: 'shared',
    landingPrefix: '',
  };
  await s3.send(
    new PutObjectCommand({
      ...place,
      Body: `${JSON.stringify(partner, null, 2)}\n`,
      ContentType: 'application/json',
    }),
  );
}

async function textOf(s3: S3Client, place: { Bucket: string; Key: string }): Promise<string> {
  try {
    const { Body } = await s3.send(new GetObjectCommand(place));
    return (await Body?.transformToString()) ?? '';
  } catch (error) {
    if (isNoSuchKey(error)) return '';
    throw error;
  }
}
