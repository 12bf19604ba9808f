import * as v from 'valibot';
import { positive, text } from '../../shared/platform/environment.ts';

/**
 * The function's environment, as template.yaml sets it. It runs outside the VPC, as an image
 * (`image/Dockerfile`, target `refresh-signatures`).
 */
export const Environment = v.object({
  /** Holds the published signatures, and our own below `custom/`. */
  SIGNATURE_BUCKET: text,
  /**
   * Where freshclam gets ClamAV's own database: a host name (`database.clamav.net`), or the URL of
   * a private mirror. Empty: only CUSTOM_DATABASE_URLS are fetched.
   */
  DATABASE_MIRROR: v.string(),
  /** Comma-separated URLs of further database files, each fetched by freshclam; may be empty. */
  CUSTOM_DATABASE_URLS: v.pipe(
    v.string(),
    v.transform((list) => list.split(',').filter(Boolean)),
  ),
  /** Published versions kept besides the current one, for a rollback. */
  KEEP_VERSIONS: positive,
  /** MiB; a database that takes more memory is not published. */
  MEMORY_CAP_MB: positive,
});

export type Config = v.InferOutput<typeof Environment>;
