export { DsseEnvelope, ENVELOPE_MAX_SIZE, envelopeBytes, preAuthEncoding, readEnvelope, signEnvelope } from './dsse.js';
export { keyIdOf, readPublicKey, readPublicKeys } from './key-id.js';
export { readReceipt, type ReadReceipt, type ReceiptClaim, verifyEnvelope, verifyReceipt } from './receipt.js';
export {
  IN_TOTO_PAYLOAD_TYPE,
  type NewStatement,
  statement,
  Statement,
  statementBytes,
  subjectDigests,
} from './statement.js';
