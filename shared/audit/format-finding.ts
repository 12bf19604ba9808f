import { createHash } from 'node:crypto';
import { type Finding, SCHEMA } from './finding.ts';
import { assess } from './assess.ts';
import type { Observation } from './servers.ts';

/** Makes a finding of an observation. Pure; the same observation always gets the same id. */
export function formatFinding(observation: Observation, at: number): Finding {
  const assessment = assess(observation);
  const { region } = 'server' in observation ? observation.server : observation;
  const server = serverPart(observation);
  const subject = [region, server?.arn ?? server?.id ?? '', assessment.code];
  return {
    schema: SCHEMA,
    id: createHash('sha256').update(JSON.stringify(subject)).digest('hex').slice(0, 32),
    at: new Date(at).toISOString(),
    region,
    ...(server && { server }),
    ...assessment,
  };
}

function serverPart(observation: Observation): Finding['server'] {
  if (observation.kind === 'unreadable server') return { id: observation.serverId };
  if (observation.kind !== 'server') return undefined;
  const { id, arn, state, endpointType, protocols, ...endpoint } = observation.server;
  return {
    id,
    ...(arn !== '' && { arn }),
    state,
    endpointType,
    protocols: [...protocols],
    ...(endpoint.vpcId !== undefined && { vpcId: endpoint.vpcId }),
    ...(endpoint.subnetIds.length > 0 && { subnetIds: [...endpoint.subnetIds] }),
    ...(endpoint.vpcEndpointId !== undefined && { vpcEndpointId: endpoint.vpcEndpointId }),
    addressAllocationIds: [...endpoint.addressAllocationIds],
  };
}
