import type { Identify, IdentityRequest } from '../../gateway/ssh/authenticate.ts';

export type ListedPartner = {
  readonly username: string;
  readonly password?: string;
  readonly publicKey?: string;
  /** What is seen where: `{ '/': '/bucket/folder' }`. */
  readonly homes: Readonly<Record<string, string>>;
  /** Instead of `homes`: the home of a partner who sees real paths. */
  readonly homePath?: string;
  readonly policy?: object;
  readonly protocols?: readonly string[];
};

/** An identity provider that speaks as functions/identity-provider does, over a list of partners. */
export function listedPartners(
  partners: readonly ListedPartner[],
  asked: IdentityRequest[] = [],
): Identify {
  return async (request) => {
    asked.push(request);
    const { username, password, protocol } = request;
    const partner = partners.find((each) => each.username === username);
    if (partner === undefined) return {};
    if (!(partner.protocols ?? ['SFTP', 'SCP']).includes(protocol)) return {};
    const isByKey = password === '';
    if (!isByKey && password !== partner.password) return {};
    if (isByKey && partner.publicKey === undefined) return {};
    return {
      Role: 'arn:aws:iam::000000000000:role/transfer',
      ...(partner.policy && { Policy: JSON.stringify(partner.policy) }),
      ...(partner.homePath === undefined
        ? {
            HomeDirectoryType: 'LOGICAL',
            HomeDirectoryDetails: JSON.stringify(
              Object.entries(partner.homes).map(([Entry, Target]) => ({ Entry, Target })),
            ),
          }
        : { HomeDirectoryType: 'PATH', HomeDirectory: partner.homePath }),
      ...(isByKey && { PublicKeys: [partner.publicKey] }),
    };
  };
}
