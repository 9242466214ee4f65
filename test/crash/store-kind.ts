/** @throws Error for anything but the two stores there are */
export function storeKind(text: string): 'filesystem' | 's3' {
  if (text === 'filesystem' || text === 's3') return text;
  throw new Error(`--store ${text}: filesystem or s3`);
}
