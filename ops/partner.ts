import type { Command } from 'commander';
import { addPartner } from './partner/add.ts';
import { checkPartner } from './partner/check.ts';
import { changePartner, disablePartner, enablePartner, removePartner } from './partner/change.ts';
import { addKey, removeKey, setPassword } from './partner/credentials.ts';
import { listPartners, showPartner } from './partner/list-and-show.ts';
import { collect, wholeNumber, withFieldOptions } from './partner/options.ts';

/** `partner`: who may log in. */
export function register(partner: Command): void {
  withFieldOptions(partner.command('add <name>'))
    .description('add a partner; without a key, a password is generated and shown once')
    .option('--key <file>', 'public key, a .pub file or - for standard input; repeatable', collect)
    .option('--password-stdin', 'read the password from standard input')
    .option('--generate-password', 'generate a password in addition to keys')
    .option('--document <file>', 'start from this document; - for standard input')
    .action(addPartner);
  partner.command('list').description('all partners').action(listPartners);
  partner.command('show <name>').description('one partner, without secrets').action(showPartner);
  withFieldOptions(partner.command('change <name>'))
    .description('change the given fields; a list is replaced as a whole')
    .action(changePartner);
  partner
    .command('disable <name>')
    .description('deny logins; nothing is deleted')
    .action(disablePartner);
  partner.command('enable <name>').description('allow logins again').action(enablePartner);
  partner
    .command('remove <name>')
    .description("remove the partner's document")
    .action(removePartner);
  partner
    .command('set-password <name>')
    .description('generate a new password and show it once')
    .option('--password-stdin', 'read it from standard input instead')
    .option('--none', 'remove the password: log in by key only')
    .action(setPassword);
  partner
    .command('add-key <name> <file>')
    .description('add a public key from a .pub file, or - for standard input')
    .option('--comment <text>', 'whose key it is; default: the comment in the file')
    .option('--expires <time>', 'as 2027-01-31 or 2027-01-31T12:00:00Z')
    .action(addKey);
  partner
    .command('remove-key <name> <key>')
    .description('remove the key with this fingerprint or comment')
    .action(removeKey);
  partner
    .command('check <name>')
    .description('shows what would happen, and why; changes nothing')
    .option('--put <path>', 'to an upload to this path, as the partner writes it')
    .option('--size <bytes>', 'of this size', wholeNumber)
    .option('--from <address>', 'to a login from this address')
    .option('--protocol <protocol>', 'SFTP or SCP', 'SFTP')
    .action(checkPartner);
}
