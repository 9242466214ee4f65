/** Injection token of the address under which clients reach the registry. */
export const REGISTRY_ADDRESS = Symbol('REGISTRY_ADDRESS');

/** How clients reach this service. Known only once the server listens, so it is read late. */
export interface RegistryAddress {
  /** As in https://envarium.example.org, without a slash at the end. */
  publicUrl(): string;
}

/** `host:port` as it stands in an image reference. */
export function registryHost(address: RegistryAddress): string {
  return new URL(address.publicUrl()).host;
}
