import { assertNever } from '../platform/assert-never.ts';
import type { Finding } from './finding.ts';
import type { Observation, TransferServer } from './servers.ts';

type Assessment = Pick<Finding, 'code' | 'severity' | 'what' | 'why' | 'advice'>;

const NOT_INSPECTED =
  'What was not inspected may be open to the internet: it does not count as private.';

/** What an observation means, and what to do about it. Pure. */
export function assess(observation: Observation): Assessment {
  switch (observation.kind) {
    case 'server':
      return assessServer(observation.server);
    case 'unreadable server':
      return {
        code: 'SERVER_UNREADABLE',
        severity: 'medium',
        what: `Server ${observation.serverId} in ${observation.region} could not be read: ${observation.reason}.`,
        why: NOT_INSPECTED,
        advice:
          'Allow the audit transfer:DescribeServer on it; if it was deleted meanwhile, nothing.',
      };
    case 'unreadable region':
      return {
        code: 'REGION_UNREADABLE',
        severity: 'medium',
        what: `The servers of ${observation.region} could not be listed: ${observation.reason}.`,
        why: NOT_INSPECTED,
        advice:
          'Allow the audit transfer:ListServers there (in the role, and in the service control policies of ' +
          'the organisation); or name the regions to audit in AUDIT_REGIONS and leave this one out.',
      };
    case 'region without Transfer':
      return {
        code: 'REGION_WITHOUT_TRANSFER',
        severity: 'passed',
        what: `Transfer Family is not offered in ${observation.region}.`,
        why: 'So there is no server.',
        advice: 'Nothing.',
      };
    case 'unlisted regions':
      return {
        code: 'REGIONS_UNLISTED',
        severity: 'medium',
        what: `The regions of the account could not be listed: ${observation.reason}. Only these were inspected: ${observation.inspected.join(', ')}.`,
        why: NOT_INSPECTED,
        advice: 'Allow the audit account:ListRegions, or name the regions in AUDIT_REGIONS.',
      };
    default:
      return assertNever(observation);
  }
}

function assessServer(server: TransferServer): Assessment {
  const name = `Server ${server.id} in ${server.region} (${server.state.toLowerCase()})`;
  const { addressAllocationIds: addresses } = server;
  switch (server.endpointType) {
    case 'PUBLIC':
      return {
        code: 'ENDPOINT_PUBLIC',
        severity: 'high',
        what: `${name} has a public endpoint.`,
        why: 'Anyone on the internet can reach its login, its addresses change, and no security group protects it.',
        advice: `Move it into a VPC: npm run ops -- endpoints audit --region ${server.region} --remediate ${server.id} --vpc VPC --subnets SUBNET,SUBNET`,
      };
    case 'VPC':
      return addresses.length > 0
        ? {
            code: 'ENDPOINT_INTERNET_FACING',
            severity: 'medium',
            what: `${name} is in ${server.vpcId ?? 'a VPC'}, and reachable from the internet by ${countOf(addresses.length, 'Elastic IP address', 'Elastic IP addresses')}.`,
            why: 'Its login can be reached from the internet wherever its security groups allow it.',
            advice:
              'If partners connect over the internet, check that its security groups list their addresses; ' +
              'otherwise stop it, remove its address allocations, and start it again.',
          }
        : {
            code: 'ENDPOINT_INTERNAL',
            severity: 'passed',
            what: `${name} is reachable within ${server.vpcId ?? 'its VPC'} only.`,
            why: 'This is the recommended setup.',
            advice: 'Nothing.',
          };
    case 'VPC_ENDPOINT':
      return {
        code: 'ENDPOINT_LEGACY',
        severity: 'low',
        what: `${name} has an endpoint of the old type VPC_ENDPOINT (${server.vpcEndpointId ?? 'unnamed'}).`,
        why: 'It is private unless a load balancer forwards to it; AWS closed the type to new servers on 2021-05-19, and this audit cannot read its addresses.',
        advice:
          'Change it to the type VPC: https://docs.aws.amazon.com/transfer/latest/userguide/update-endpoint-type-vpc.html',
      };
    default:
      return {
        code: 'ENDPOINT_UNKNOWN',
        severity: 'medium',
        what: `${name} has an endpoint of the type ${server.endpointType}, which is unknown to this audit.`,
        why: NOT_INSPECTED,
        advice: 'Check it by hand, and report it to the maintainers of Airlock.',
      };
  }
}

function countOf(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
