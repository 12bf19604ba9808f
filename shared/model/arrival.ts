/** One created object, as its event describes it. The inbox may hold a newer one by now. */
export type Arrival = {
  readonly bucket: string;
  /** As stored: EventBridge, unlike S3's own notifications, does not URL-encode it. Never decode. */
  readonly key: string;
  readonly sizeBytes: number;
  /** Without quotes. */
  readonly etag: string;
  /** `undefined` or `null` only without versioning; see `versionOf`. */
  readonly versionId: string | undefined;
  /** Epoch milliseconds of the event. */
  readonly arrivedAt: number;
};

/** Exactly the version that is being ingested, pinned when it was opened. */
export type PinnedObject = {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
  readonly etag: string;
  readonly sizeBytes: number;
  /** Epoch milliseconds; S3 gives whole seconds. */
  readonly uploadedAt: number;
  /** Who uploaded it, when the SFTP server said so in the object's metadata. */
  readonly partner: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly contentType: string | undefined;
  readonly tags: Tags;
};

/** An object's tags; S3 allows ten. */
export type Tags = Readonly<Record<string, string>>;
