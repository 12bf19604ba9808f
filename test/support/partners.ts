import ssh2 from '../../gateway/ssh/ssh2.ts';
import type { LoginSettings } from '../../shared/identity/login/decide-login.ts';
import type { Partner } from '../../shared/identity/partner/partner.ts';
import type { LoginRequest } from '../../shared/identity/login/transfer-login.ts';

const { utils } = ssh2;

export type KeyPair = {
  /** OpenSSH format. */
  readonly privateKey: string;
  /** Type and base64. */
  readonly publicKey: string;
};

/** ssh2 1.17.0 drops a zero byte that a public key begins with: one pair in 256 is unreadable. */
export function aKeyPair(): KeyPair {
  for (;;) {
    const pair = utils.generateKeyPairSync('ed25519');
    if (utils.parseKey(pair.private) instanceof Error) continue;
    return { privateKey: pair.private, publicKey: pair.public.split(' ').slice(0, 2).join(' ') };
  }
}

/** A partner with everything in order, and neither password nor key. */
export function aPartner(over: Partial<Partner> = {}): Partner {
  return {
    version: 1,
    name: 'acme',
    displayName: 'Acme',
    enabled: true,
    publicKeys: [],
    allowedNetworks: ['0.0.0.0/0', '::/0'],
    protocols: ['SFTP', 'SCP'],
    space: 'tenant',
    landingPrefix: 'acme/',
    policy: { unscannable: {} },
    contacts: [],
    ...over,
  };
}

export function aLogin(over: Partial<LoginRequest> = {}): LoginRequest {
  return {
    username: 'acme',
    password: '',
    protocol: 'SFTP',
    serverId: 's-0123456789abcdef0',
    sourceIp: '192.0.2.7',
    ...over,
  };
}

export const loginSettings: LoginSettings = {
  roleArn: 'arn:aws:iam::123456789012:role/transfer-user',
  inboxBucket: 'inbox',
  partition: 'aws',
  kmsKeyArn: undefined,
};
