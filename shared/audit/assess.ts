import { assertNever } from '../platform/assert-never.ts';
import type { Finding } from './finding.ts';
import type { Observation, TransferServer } from './servers.ts';

type Judgement = Pick<Finding, 'code' | 'severity' | 'what' | 'why' | 'advice'>;

const NOT_LOOKED_AT =
  'What was not looked at may be open to the internet: it does not count as private.';

/** What an observation means, and what to do about it. Pure. */
export function judge(observation: Observation): Judgement {
  switch (observation.seen) {
    case 'server':
      return judgeServer(observation.server);
    case 'unreadable server':
      return {
        code: 'SERVER_UNREADABLE',
        severity: 'medium',
        what: `Server ${observation.serverId} in ${observation.region} could not be looked at: ${observation.reason}.`,
        why: NOT_LOOKED_AT,
        advice:
          'Allow transfer:DescribeServer on it to the audit; if it was deleted meanwhile, nothing.',
      };
    case 'unreadable region':
      return {
        code: 'REGION_UNREADABLE',
        severity: 'medium',
        what: `The servers of ${observation.region} could not be listed: ${observation.reason}.`,
        why: NOT_LOOKED_AT,
        advice:
          'Allow transfer:ListServers to the audit there (the role, and the service control policies of ' +
          'the organisation); or name the regions to audit in AUDIT_REGIONS and leave this one out.',
      };
    case 'region without Transfer':
      return {
        code: 'REGION_WITHOUT_TRANSFER',
        severity: 'passed',
        what: `There is no Transfer Family in ${observation.region}.`,
        why: 'Where the service is not offered there is no server.',
        advice: 'Nothing.',
      };
    case 'unlisted regions':
      return {
        code: 'REGIONS_UNLISTED',
        severity: 'medium',
        what: `The regions of the account could not be listed: ${observation.reason}. Only these were looked at: ${observation.lookedAt.join(', ')}.`,
        why: NOT_LOOKED_AT,
        advice: 'Allow account:ListRegions to the audit, or name the regions in AUDIT_REGIONS.',
      };
    default:
      return assertNever(observation);
  }
}

function judgeServer(server: TransferServer): Judgement {
  const name = `Server ${server.id} in ${server.region} (${server.state.toLowerCase()})`;
  const { addressAllocationIds: addresses } = server;
  switch (server.endpointType) {
    case 'PUBLIC':
      return {
        code: 'ENDPOINT_PUBLIC',
        severity: 'high',
        what: `${name} has a public endpoint.`,
        why: 'Anybody on the internet can reach its login, its addresses change, and no security group guards it.',
        advice: `Move it into a VPC: npm run ops -- endpoints audit --region ${server.region} --remediate ${server.id} --vpc VPC --subnets SUBNET,SUBNET`,
      };
    case 'VPC':
      return addresses.length > 0
        ? {
            code: 'ENDPOINT_INTERNET_FACING',
            severity: 'medium',
            what: `${name} is in ${server.vpcId ?? 'a VPC'}, and faces the internet with ${countOf(addresses.length, 'Elastic IP address', 'Elastic IP addresses')}.`,
            why: 'Whoever its security groups let in can reach its login from the internet.',
            advice:
              'If partners come from the internet, see that its security groups name their addresses; ' +
              'if not, stop it, remove its address allocations, and start it again.',
          }
        : {
            code: 'ENDPOINT_INTERNAL',
            severity: 'passed',
            what: `${name} is reachable within ${server.vpcId ?? 'its VPC'} only.`,
            why: 'This is how it should be.',
            advice: 'Nothing.',
          };
    case 'VPC_ENDPOINT':
      return {
        code: 'ENDPOINT_LEGACY',
        severity: 'low',
        what: `${name} has an endpoint of the old type VPC_ENDPOINT (${server.vpcEndpointId ?? 'unnamed'}).`,
        why: 'It is private unless a load balancer leads to it; AWS closed the type to new servers on 2021-05-19, and this audit cannot see its addresses.',
        advice:
          'Change it to the type VPC: https://docs.aws.amazon.com/transfer/latest/userguide/update-endpoint-type-vpc.html',
      };
    default:
      return {
        code: 'ENDPOINT_UNKNOWN',
        severity: 'medium',
        what: `${name} has an endpoint of the type ${server.endpointType}, which this audit does not know.`,
        why: NOT_LOOKED_AT,
        advice: 'Look at it by hand, and tell whoever maintains Airlock.',
      };
  }
}

function countOf(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
