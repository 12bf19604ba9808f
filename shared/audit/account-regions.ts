import { type AccountClient, paginateListRegions } from '@aws-sdk/client-account';
import type { Regions } from './servers.ts';

/**
 * The account's list. The SDK derives the partition's endpoint (`aws`, `aws-cn`, `aws-us-gov`) from
 * the client's region.
 * https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html
 */
export function accountRegions(account: AccountClient): Regions {
  return {
    home: () => account.config.region(),

    async enabled(signal) {
      const names: string[] = [];
      // Servers still run in a region that is being disabled.
      const pages = paginateListRegions(
        { client: account },
        { RegionOptStatusContains: ['ENABLED', 'ENABLED_BY_DEFAULT', 'DISABLING'] },
        { abortSignal: signal },
      );
      for await (const { Regions = [] } of pages) {
        for (const { RegionName } of Regions) if (RegionName) names.push(RegionName);
      }
      if (names.length === 0) throw new Error('the account lists no region');
      return names;
    },
  };
}
