export { CYCLONEDX_MEDIA_TYPE, serializeCycloneDx, type BomSubject } from './cyclonedx/serialize.js';
