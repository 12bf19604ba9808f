import { type AccountClient, paginateListRegions } from '@aws-sdk/client-account';
import type { Regions } from './servers.ts';

/**
 * The account's own list. The SDK finds the endpoint of the partition (`aws`, `aws-cn`,
 * `aws-us-gov`) by the client's region.
 * https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html
 */
export function accountRegions(account: AccountClient): Regions {
  return {
    home: () => account.config.region(),

    async enabled(signal) {
      const names: string[] = [];
      // A region that is being disabled still runs what it has.
      const pages = paginateListRegions(
        { client: account },
        { RegionOptStatusContains: ['ENABLED', 'ENABLED_BY_DEFAULT', 'DISABLING'] },
        { abortSignal: signal },
      );
      for await (const { Regions = [] } of pages) {
        for (const { RegionName } of Regions) if (RegionName) names.push(RegionName);
      }
      if (names.length === 0) throw new Error('the account names no region');
      return names;
    },
  };
}
