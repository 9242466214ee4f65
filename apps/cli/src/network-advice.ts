interface Advice {
  readonly title: string;
  readonly remedy: string;
}

const TIMEOUTS = ['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];
const BROKEN = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'];

/** @param reason code of the system, of OpenSSL or of the HTTP client */
export function unreachableAdvice(url: string, reason: string): Advice {
  if (reason === 'ECONNREFUSED') {
    return {
      title: `nothing is listening at ${url}`,
      remedy:
        'Is the server running? Start it with `npm start`, or name another one with --server URL or ENVARIUM_URL.',
    };
  }
  if (reason === 'ENOTFOUND' || reason === 'EAI_AGAIN') {
    return {
      title: `the host name of ${url} cannot be resolved`,
      remedy: 'Check the spelling of --server or ENVARIUM_URL, and the network.',
    };
  }
  if (TIMEOUTS.includes(reason)) {
    return {
      title: `${url} does not answer in time`,
      remedy: 'Check the network and proxies, then run the command again.',
    };
  }
  if (BROKEN.includes(reason)) {
    return {
      title: `the connection to ${url} broke`,
      remedy: 'Run the same command again: what was transferred completely is kept.',
    };
  }
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(reason)) {
    return {
      title: `the certificate of ${url} is not trusted`,
      remedy: 'Name the file of its authority in NODE_EXTRA_CA_CERTS, or use the right host name.',
    };
  }
  if (reason === 'EPROTO' || reason.startsWith('ERR_SSL') || reason.startsWith('HPE_')) {
    return {
      title: `what listens at ${url} does not speak this protocol`,
      remedy: 'Check http:// or https:// and the port of --server or ENVARIUM_URL.',
    };
  }
  return { title: `${url} cannot be reached`, remedy: 'Check the address, the network and proxies.' };
}
