import path from 'node:path';

/** Names of what lies beside the certificate, in a directory that programs inside can only read. */
const APT = 'apt.conf';
const WGET = 'wgetrc';

/**
 * Environment variables that make programs trust the stand-in. Each ecosystem has its own; none of them is a file of the
 * image, and a build that installs `ca-certificates` may write its own files as it likes.
 * Not covered: Java, which reads a key store of its own format.
 * @param certificatePath as programs inside see it, as in `/dev/.envarium/ca.pem`; the files of `trustFiles` lie beside it
 */
export function trustVariables(certificatePath: string): Record<string, string> {
  const directory = path.posix.dirname(certificatePath);
  return {
    // OpenSSL, and with it Go, Ruby, Perl, Julia, uv.
    SSL_CERT_FILE: certificatePath,
    CURL_CA_BUNDLE: certificatePath,
    NODE_EXTRA_CA_CERTS: certificatePath,
    npm_config_cafile: certificatePath,
    REQUESTS_CA_BUNDLE: certificatePath,
    PIP_CERT: certificatePath,
    CONDA_SSL_VERIFY: certificatePath,
    GIT_SSL_CAINFO: certificatePath,
    CARGO_HTTP_CAINFO: certificatePath,
    JULIA_SSL_CA_ROOTS_PATH: certificatePath,
    NIX_SSL_CERT_FILE: certificatePath,
    AWS_CA_BUNDLE: certificatePath,
    DENO_CERT: certificatePath,
    PERL_LWP_SSL_CA_FILE: certificatePath,
    APT_CONFIG: path.posix.join(directory, APT),
    WGETRC: path.posix.join(directory, WGET),
  };
}

/** What lies beside the certificate, for programs that are told by a file and not by a variable. */
export function trustFiles(certificatePath: string): { readonly name: string; readonly content: string }[] {
  return [
    { name: APT, content: `Acquire::https::CAInfo "${certificatePath}";\n` },
    { name: WGET, content: `ca_certificate = ${certificatePath}\n` },
  ];
}
