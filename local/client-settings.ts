/** Settings of all SDK clients of the stand-ins, apart from the endpoint. */
export type ClientSettings = {
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
};
