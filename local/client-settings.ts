/** What every SDK client of the stand-ins is built with, but for its endpoint. */
export type ClientSettings = {
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
};
