import type { PeerCertificate, TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import { TransportError } from './error.js';

/** Whom an https connection to the pool is trusted to lead to. Without either, the system's authorities decide. */
export interface TrustOptions {
  /** Certificates in PEM that others may be signed by, or be. */
  readonly ca?: string;
  /** SHA-256 fingerprints, any of which is right: hex with or without colons. */
  readonly fingerprints?: readonly string[];
}

const normal = (fingerprint: string): string => fingerprint.replace(/[^\da-f]/gi, '').toUpperCase();

/** `AA:BB:...`, as it is written everywhere. */
export const withColons = (fingerprint: string): string => normal(fingerprint).match(/../g)?.join(':') ?? '';

const isSha256 = (hex: string): boolean => hex.length === 64;

const reasons: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not known',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
};

/**
 * The trust in the pool's certificates. The pool itself tells the fingerprints of its members (XenAPI Certificate, and
 * the header of a HOST_IS_SLAVE answer), so that another coordinator is trusted without asking.
 */
export class Trust {
  readonly #ca: string | undefined;
  readonly #pinned: ReadonlySet<string>;
  #members: ReadonlySet<string> = new Set();
  #coordinator: string | undefined;

  constructor({ ca, fingerprints = [] }: TrustOptions = {}) {
    this.#ca = ca;
    this.#pinned = new Set(fingerprints.map(normal));
  }

  /** Takes the fingerprints that the pool has for its members now, in place of those it had. */
  setMembers(fingerprints: Iterable<string>): void {
    this.#members = new Set(Array.from(fingerprints, normal).filter(isSha256));
  }

  /** Takes the fingerprint that a trusted member names for its coordinator. */
  setCoordinator(fingerprint: string): void {
    if (isSha256(normal(fingerprint))) this.#coordinator = normal(fingerprint);
  }

  /** Undefined when the host is trusted, else why not. */
  refusal(socket: TLSSocket): string | undefined {
    const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
    const fingerprint = normal(certificate.fingerprint256 ?? '');
    if (fingerprint === '') return 'it shows no certificate';
    const told = this.#members.has(fingerprint) || this.#coordinator === fingerprint;
    if (told || this.#pinned.has(fingerprint)) return undefined;
    if (this.#pinned.size > 0 && !this.#ca) return 'it is not the one that is pinned';
    if (socket.authorized) return undefined;
    const reason = String(
      (socket.authorizationError as { code?: string } | undefined)?.code ?? socket.authorizationError,
    );
    return reasons[reason] ?? reason;
  }

  /**
   * Makes the connections of undici. The certificate is judged when the handshake is done and before a byte of the
   * request is sent; each connection makes a whole handshake, so that none is taken on the word of an earlier one.
   */
  connector(timeoutMs: number): buildConnector.connector {
    const connect = buildConnector({
      timeout: timeoutMs,
      rejectUnauthorized: false,
      maxCachedSessions: 0,
      ...(this.#ca === undefined ? {} : { ca: this.#ca }),
    });
    return (options, callback) => {
      connect(options, (error, socket) => {
        if (error) return callback(error, null);
        if (!socket) return callback(new Error('no socket'), null);
        const refused = options.protocol === 'https:' ? this.#refused(options, socket as TLSSocket) : undefined;
        if (!refused) return callback(null, socket);
        socket.destroy();
        callback(refused, null);
      });
    };
  }

  #refused(options: buildConnector.Options, socket: TLSSocket): TransportError | undefined {
    const reason = this.refusal(socket);
    if (reason === undefined) return undefined;
    const origin = `https://${options.hostname}${options.port ? `:${options.port}` : ''}`;
    const fingerprint = withColons(socket.getPeerCertificate().fingerprint256 ?? '');
    const message =
      `the certificate of ${origin} is not trusted: ${reason}. Its SHA-256 fingerprint is ${fingerprint || 'unknown'}. ` +
      `If that is the host's own, start the bridge with --pool-fingerprint ${fingerprint}`;
    return new TransportError('certificate', origin, message, { sent: false });
  }
}
