export { type BackOff } from './back-off.js';
export { OutboundUpstream } from './outbound-upstream.js';
export {
  formatUpstreamReference,
  formatUpstreamRepository,
  parseUpstreamReference,
  type UpstreamReference,
} from './upstream-reference.js';
export type {
  ManifestSource,
  UpstreamCredentials,
  UpstreamManifest,
  UpstreamReferrer,
  UpstreamRegistry,
} from './upstream-registry.js';
