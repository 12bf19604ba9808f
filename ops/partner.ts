import { type Command, Option } from 'commander';
import { addPartner } from './partner/add.ts';
import { checkPartner } from './partner/check.ts';
import { changePartner, disablePartner, enablePartner } from './partner/change.ts';
import { addKeys, removeKey, setPassword } from './partner/credentials.ts';
import { editPartner } from './partner/edit.ts';
import { listPartners, showPartner } from './partner/list-and-show.ts';
import { collect, withFieldOptions, withUnset } from './partner/options.ts';
import { removePartner } from './partner/remove.ts';
import { withReason } from './reason.ts';
import { parseWholeSize } from './size.ts';

/** `partner`: who may log in. */
export function register(partner: Command): void {
  withReason(withFieldOptions(partner.command('add <name>')))
    .description('add a partner; without a key, a password is generated and shown once')
    .option('--key <file>', 'public keys, a .pub file or - for standard input; repeatable', collect)
    .option('--password-stdin', 'read the password from standard input')
    .option('--generate-password', 'generate a password in addition to keys')
    .option(
      '--document <file>',
      'start from this document, as `show --json` prints it; - for standard input',
    )
    .action(addPartner);
  partner.command('list').description('all partners').action(listPartners);
  partner
    .command('show <name>')
    .description('one partner, without secrets; with --json, its document, which can be given back')
    .action(showPartner);
  withReason(withUnset(withFieldOptions(partner.command('change <name>'))))
    .description('change the given fields; a list is replaced as a whole')
    .option(
      '--document <file>',
      'replace everything by this document, as `show --json` prints it; - for standard input',
    )
    .action(changePartner);
  withReason(partner.command('edit <name>'))
    .description('change the document in an editor: $VISUAL, $EDITOR or vi')
    .action(editPartner);
  withReason(partner.command('disable <name>'))
    .description('deny logins; nothing is deleted')
    .action(disablePartner);
  withReason(partner.command('enable <name>'))
    .description('allow logins again')
    .action(enablePartner);
  withReason(partner.command('remove <name>'))
    .description("remove the partner's document, and say what that changes")
    .action(removePartner);
  withReason(partner.command('set-password <name>'))
    .description('generate a new password and show it once')
    .option('--password-stdin', 'read it from standard input instead')
    .option('--none', 'remove the password: log in by key only')
    .action(setPassword);
  withReason(partner.command('add-key <name> <file>'))
    .description('add the public keys of a .pub file, or of - for standard input')
    .option('--comment <text>', 'whose key it is; default: the comment in the file')
    .option('--expires <time>', 'as 2027-01-31 or 2027-01-31T12:00:00Z')
    .action(addKeys);
  withReason(partner.command('remove-key <name> <key>'))
    .description('remove the key with this fingerprint or comment')
    .action(removeKey);
  partner
    .command('check <name>')
    .description('shows what would happen, and why; changes nothing')
    .option('--put <path>', 'to an upload to this path, as the partner writes it')
    .option('--size <size>', 'of this size: 1500, 10MB, 10MiB', parseWholeSize)
    .option('--from <address>', 'to a login from this address')
    .addOption(
      new Option('--protocol <protocol>', 'by which the partner logs in')
        .choices(['SFTP', 'SCP'])
        .default('SFTP'),
    )
    .action(checkPartner);
}
