/**
 * FLV on its own (FLV 10.1, Annex E): the tags, a file's bytes made of frames, and frames read from a file.
 */
export { ProtocolError } from '../base/errors.ts'
export { flvHeader, readFlvHeader, readTagHeader, type TagHeader, writeTag } from '../media/flv-file.ts'
export { describeTag, type TagDescription } from '../media/flv-tag.ts'
export { type Frame, FrameKind, FrameRole } from '../media/frame.ts'
export type { Patch } from '../recording/container.ts'
export type { ReadableFile } from '../recording/disk.ts'
export { Damage } from '../recording/film.ts'
export { FlvContainer as FlvWriter } from '../recording/flv-container.ts'
export { FlvFilm as FlvReader } from '../recording/flv-film.ts'
