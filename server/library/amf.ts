/**
 * AMF0 and AMF3 on their own (AMF 0 Specification, December 2007; AMF 3 Specification, January 2013): bytes and values,
 * within bounds of depth, size and count. How values correspond stands at AmfReadOptions' module.
 */
export { AppError, ProtocolError } from '../base/errors.ts'
export {
  Amf0Reader,
  Amf0Writer,
  type AmfReadOptions,
  type AmfTypes,
  type AmfWriteOptions,
  decodeAmf0,
  ExternalReader,
  ExternalWriter,
  encodeAmf0,
} from '../media/amf0.ts'
export { type AmfLimits, amfLimits } from '../media/limits.ts'
