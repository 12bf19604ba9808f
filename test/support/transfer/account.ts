/** A server as the stand-in keeps it; names as in AWS's API. */
export type StoredServer = {
  readonly ServerId: string;
  readonly Arn: string;
  State: 'ONLINE' | 'OFFLINE' | 'STARTING' | 'STOPPING' | 'START_FAILED' | 'STOP_FAILED';
  EndpointType: string;
  EndpointDetails: {
    AddressAllocationIds?: string[];
    SubnetIds?: string[];
    SecurityGroupIds?: string[];
    VpcId?: string;
    VpcEndpointId?: string;
  };
  Protocols: string[];
  /** DescribeServer calls until a STARTING or STOPPING server arrives. */
  looksUntilSettled: number;
  /** What a start or stop that is under way ends in. */
  heading: 'ONLINE' | 'OFFLINE' | 'START_FAILED' | 'STOP_FAILED' | undefined;
};

/** An error as AWS's JSON protocols word it. */
export class ApiError extends Error {
  readonly type: string;
  readonly status: number;
  readonly fields: Readonly<Record<string, string>>;

  constructor(type: string, message: string, fields: Record<string, string> = {}, status = 400) {
    super(message);
    this.type = type;
    this.status = status;
    this.fields = fields;
  }
}

export type Call = {
  readonly region: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
};

/** What an AWS account has: regions, and servers in them. Tests set it up and look at it. */
export class Account {
  readonly id = '111122223333';
  /** Name -> opt-in status, as ListRegions gives it. */
  readonly regions = new Map<string, string>([['eu-central-1', 'ENABLED_BY_DEFAULT']]);
  /** Every call so far, those that failed included. */
  readonly calls: Call[] = [];
  /** Called before an operation, and waited for; what it throws is the answer. */
  beforeCall: (call: Call) => void | Promise<void> = () => {};
  /** How many looks a start or a stop takes. */
  looksUntilSettled = 2;
  /** What the next starts and stops end in. */
  startsEndIn: 'ONLINE' | 'START_FAILED' = 'ONLINE';
  stopsEndIn: 'OFFLINE' | 'STOP_FAILED' = 'OFFLINE';
  readonly #servers = new Map<string, StoredServer>();

  addServer(region: string, ServerId: string, settings: Partial<StoredServer> = {}): StoredServer {
    const server: StoredServer = {
      ServerId,
      Arn: `arn:aws:transfer:${region}:${this.id}:server/${ServerId}`,
      State: 'ONLINE',
      EndpointType: 'PUBLIC',
      EndpointDetails: {},
      Protocols: ['SFTP'],
      looksUntilSettled: 0,
      heading: undefined,
      ...settings,
    };
    this.#servers.set(`${region}/${ServerId}`, server);
    return server;
  }

  serversOf(region: string): readonly StoredServer[] {
    return [...this.#servers]
      .filter(([place]) => place.startsWith(`${region}/`))
      .map(([, server]) => server);
  }

  server(region: string, ServerId: string): StoredServer {
    const server = this.#servers.get(`${region}/${ServerId}`);
    if (server) return server;
    const fields = { Resource: ServerId, ResourceType: 'Server' };
    throw new ApiError('ResourceNotFoundException', `Unknown server ${ServerId}`, fields);
  }

  /** Operations other than looks, in order, without the servers they name. */
  get changes(): readonly string[] {
    return this.calls
      .map(({ operation }) => operation)
      .filter((operation) => !/^(Describe|List)/i.test(operation));
  }
}
