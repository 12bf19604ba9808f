import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Account, ApiError } from './account.ts';
import { OPERATIONS } from './operations.ts';

export interface TransferStandIn extends AsyncDisposable {
  /** For the SDK's clients of Transfer and of Account Management, whatever their region. */
  readonly endpoint: string;
  readonly account: Account;
}

/**
 * Transfer Family's and Account Management's own wire (JSON 1.1, and REST JSON), for the few calls
 * that Airlock makes. It is ours, written from AWS's documentation, and not AWS: it proves that the
 * real SDK clients are used as documented, not that AWS behaves as documented. One server plays
 * every region: it reads the region off the signature.
 */
export async function startTransfer(): Promise<TransferStandIn> {
  const account = new Account();
  const server = createServer((request, response) => {
    void answer(account, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    account,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(account: Account, request: IncomingMessage, response: ServerResponse) {
  const isAccount = request.url === '/listRegions';
  const contentType = isAccount ? 'application/json' : 'application/x-amz-json-1.1';
  try {
    const input = JSON.parse((await text(request)) || '{}') as Record<string, unknown>;
    const region = /\/\d{8}\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const [, target = ''] = String(request.headers['x-amz-target']).split('.');
    const operation = isAccount ? 'ListRegions' : target;
    const call = { region, operation, input };
    account.calls.push(call);
    await account.beforeCall(call);
    const output = isAccount ? listRegions(account, input) : run(account, operation, region, input);
    response.writeHead(200, { 'content-type': contentType });
    response.end(output === undefined ? '' : JSON.stringify(output));
  } catch (error) {
    const known = error instanceof ApiError ? error : undefined;
    const type = known?.type ?? 'InternalServiceError';
    response.writeHead(known?.status ?? 500, {
      'content-type': contentType,
      'x-amzn-errortype': type,
    });
    // Transfer says `Message`, Account Management `message`.
    const message = known?.message ?? String(error);
    const worded = isAccount ? { message } : { __type: type, Message: message };
    response.end(JSON.stringify({ ...worded, ...known?.fields }));
  }
}

function run(account: Account, name: string, region: string, input: Record<string, unknown>) {
  const operation = OPERATIONS[name];
  if (operation) return operation(account, region, input);
  throw new ApiError('InvalidRequestException', `the stand-in does not know ${name}`);
}

/** https://docs.aws.amazon.com/accounts/latest/reference/API_ListRegions.html */
function listRegions(
  account: Account,
  { RegionOptStatusContains, NextToken }: Record<string, unknown>,
) {
  const wanted = RegionOptStatusContains as string[] | undefined;
  const all = [...account.regions].filter(([, status]) => wanted?.includes(status) ?? true);
  const from = Number(NextToken ?? 0);
  const Regions = all
    .slice(from, from + 2)
    .map(([RegionName, RegionOptStatus]) => ({ RegionName, RegionOptStatus }));
  return from + 2 < all.length ? { Regions, NextToken: String(from + 2) } : { Regions };
}
