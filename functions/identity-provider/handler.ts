import * as v from 'valibot';
import { logIn } from '../../shared/identity/login/log-in.ts';
import {
  DENIED,
  type Denied,
  type LoginAnswer,
  LoginRequest,
} from '../../shared/identity/login/transfer-login.ts';
import { parseEnvironment } from '../../shared/platform/environment.ts';
import { Environment } from './config.ts';
import { createPorts } from './deps.ts';

// Once per cold start: read the environment, build the client.
const config = parseEnvironment(Environment, process.env, 'identity-provider');
const ports = createPorts(config);

/** Called by Transfer Family, or by the gateway, once per login; for a login by key and password, twice. */
export async function handler(event: unknown): Promise<LoginAnswer | Denied> {
  const request = v.safeParse(LoginRequest, event);
  if (request.success) return await logIn(request.output, ports);
  // The event may hold a password, so only the fields' names are logged.
  const invalid = request.issues.map((issue) => v.getDotPath(issue) ?? 'the event');
  ports.log.error(
    'login denied',
    new Error(`not an event of Transfer Family: ${invalid.join(', ')}`),
    {
      reason: 'malformed-request',
    },
  );
  return DENIED;
}
