/** A partner's document as `partner add` begins it; what `partner change --unset` goes back to. */
export function defaultsFor(name: string): object {
  return {
    version: 1,
    name,
    displayName: name,
    enabled: true,
    publicKeys: [],
    allowedNetworks: ['0.0.0.0/0', '::/0'],
    protocols: ['SFTP', 'SCP'],
    space: 'tenant',
    landingPrefix: `${name}/`,
  };
}
