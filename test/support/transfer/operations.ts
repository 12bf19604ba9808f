import { type Account, ApiError, type StoredServer } from './account.ts';

type Input = Readonly<Record<string, unknown>>;
type Operation = (account: Account, region: string, input: Input) => object | undefined;

const PAGE = 2;

/**
 * Written from https://docs.aws.amazon.com/transfer/latest/APIReference/. Where that is silent (the
 * error of a change of the endpoint while the server runs) the answer is our assumption.
 */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ListServers(account, region, { MaxResults, NextToken }) {
    const all = account.serversOf(region);
    const from = NextToken === undefined ? 0 : Number(NextToken);
    if (!Number.isInteger(from)) throw new ApiError('InvalidNextTokenException', 'bad token');
    // AWS's pages are larger; small ones make a test of a few servers turn them.
    const to = from + Math.min(Number(MaxResults ?? PAGE), PAGE);
    const Servers = all.slice(from, to).map(({ Arn, ServerId, State, EndpointType }) => ({
      Arn,
      ServerId,
      State,
      EndpointType,
      Domain: 'S3',
      IdentityProviderType: 'AWS_LAMBDA',
    }));
    return to < all.length ? { Servers, NextToken: String(to) } : { Servers };
  },

  DescribeServer(account, region, { ServerId }) {
    const server = account.server(region, String(ServerId));
    settle(server);
    const { looksUntilSettled: _looks, heading: _heading, ...described } = server;
    const { SecurityGroupIds: _unpopulated, ...EndpointDetails } = server.EndpointDetails;
    return { Server: { ...described, EndpointDetails, Domain: 'S3' } };
  },

  StopServer(account, region, { ServerId }) {
    const server = account.server(region, String(ServerId));
    head(server, 'STOPPING', account.stopsEndIn, account.looksUntilSettled);
    return undefined;
  },

  StartServer(account, region, { ServerId }) {
    const server = account.server(region, String(ServerId));
    head(server, 'STARTING', account.startsEndIn, account.looksUntilSettled);
    return undefined;
  },

  UpdateServer(account, region, input) {
    const server = account.server(region, String(input['ServerId']));
    const details = (input['EndpointDetails'] ?? {}) as StoredServer['EndpointDetails'];
    const type = (input['EndpointType'] as string | undefined) ?? server.EndpointType;
    if (server.State !== 'OFFLINE') {
      throw new ApiError('ConflictException', 'The server must be OFFLINE to change its endpoint');
    }
    if (type === 'VPC' && !(details.VpcId && details.SubnetIds?.length)) {
      throw new ApiError('InvalidRequestException', 'VpcId and SubnetIds are required');
    }
    if (type === 'VPC' && details.VpcEndpointId !== undefined) {
      throw new ApiError('InvalidRequestException', 'VpcEndpointId is for VPC_ENDPOINT only');
    }
    if (details.SubnetIds && details.AddressAllocationIds) {
      throw new ApiError(
        'InvalidRequestException',
        'SubnetIds and AddressAllocationIds cannot be updated simultaneously',
      );
    }
    server.EndpointType = type;
    server.EndpointDetails = { ...details, VpcEndpointId: 'vpce-0123456789abcdef0' };
    return { ServerId: server.ServerId };
  },
};

function head(
  server: StoredServer,
  State: StoredServer['State'],
  heading: NonNullable<StoredServer['heading']>,
  looksUntilSettled: number,
): void {
  Object.assign(server, { State, heading, looksUntilSettled });
}

function settle(server: StoredServer): void {
  if (server.heading === undefined) return;
  if (server.looksUntilSettled > 0) server.looksUntilSettled -= 1;
  else Object.assign(server, { State: server.heading, heading: undefined });
}
