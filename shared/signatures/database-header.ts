/** Length of a database container's header. */
export const HEADER_BYTES = 512;

/** ClamAV's own containers: signed, updated in place, unsigned. */
const CONTAINER = /\.c[vlu]d$/;

/** 21 Nov 2026 09-30 +0000: a dash in the time, because the colon separates the fields. */
const BUILT = /^(\d\d \w{3} \d{4}) (\d\d)-(\d\d) ([+-]\d{4})$/;

/**
 * Number and build time from the header of a database file
 * (`ClamAV-VDB:21 Nov 2026 09-30 +0000:27500:...`); `null` for plain lists, which have neither.
 *
 * @throws Error when the file is named like a container and is not one
 */
export function readHeader(
  fileName: string,
  beginning: Buffer,
): { readonly number: number; readonly builtAt: string } | null {
  if (!CONTAINER.test(fileName)) return null;
  const [magic, built = '', number = ''] = beginning.toString('latin1').split(':');
  const [, date, hours, minutes, zone] = BUILT.exec(built) ?? [];
  const builtAt = new Date(`${date} ${hours}:${minutes} ${zone}`);
  if (magic !== 'ClamAV-VDB' || !/^\d+$/.test(number) || Number.isNaN(builtAt.getTime())) {
    throw new Error(`${fileName} is not a ClamAV database: its header is broken`);
  }
  return { number: Number(number), builtAt: builtAt.toISOString() };
}
