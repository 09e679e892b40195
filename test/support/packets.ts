import { createHash } from 'node:crypto'
import { Demuxer } from 'node-av/api'
import { AV_CODEC_ID_NONE, AV_LOG_ERROR } from 'node-av/constants'
import { avGetCodecName, Dictionary, FFmpegError, FormatContext, Log, type Packet } from 'node-av/lib'
import { CapsEx } from '../../server/media/announced.ts'
import { requireProgram } from './programs.ts'
import { RtmpClient } from './rtmp-client.ts'
import type { RtmpStream } from './rtmp-stream.ts'
import { run } from './run.ts'

const ffmpeg = requireProgram('ffmpeg')

/** What a player announces that takes all tracks of a stream. */
export const everyTrack = { capsEx: CapsEx.Multitrack | CapsEx.ModEx }

Log.setLevel(AV_LOG_ERROR)

/** What FFmpeg 8 finds in a file or a stream: for each of its streams the codec, and a hash of each packet's bytes. */
export interface FoundStream {
  /** FFmpeg's name of it: h264, hevc, opus … */
  readonly codec: string
  readonly packets: readonly string[]
}

/** Encodes a second of film into a Matroska file; one video or audio stream for each codec, as ffmpeg's options name it. */
export async function encodePackets(file: string, video: readonly string[], audio: readonly string[]): Promise<void> {
  const options: Record<string, readonly string[]> = {
    libx264: ['-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
    libx265: ['-x265-params', 'log-level=error:pools=1'],
    libsvtav1: ['-preset', '12', '-svtav1-params', 'lp=1'],
    'libvpx-vp9': ['-deadline', 'realtime', '-cpu-used', '8'],
  }
  const { code, output } = await run(ffmpeg.path, [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc=size=160x120:rate=25:duration=1.2'],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000:duration=1.2'],
    ...video.flatMap((name, nth) => ['-map', '0:v', `-c:v:${nth}`, name, ...(options[name] ?? [])]),
    ...audio.flatMap((name, nth) => ['-map', '1:a', `-c:a:${nth}`, name]),
    ...['-g', '12', file],
  ])
  if (code !== 0) throw new Error(`no film of ${[...video, ...audio]}:\n${output}`)
}

/** Reads to the end; data beside the media is left out. For RTMP, FFmpeg waits for somebody to publish. */
export async function readPackets(
  input: string,
  options: Readonly<Record<string, string>> = {},
): Promise<FoundStream[]> {
  await using demuxer = await Demuxer.open(input, { options, copyTs: true })
  const packets = new Map<number, string[]>(demuxer.streams.map(({ index }) => [index, []]))
  for await (const packet of demuxer.packets()) if (packet) packets.get(packet.streamIndex)?.push(hash(packet))
  const media = demuxer.streams.filter(({ codecpar }) => codecpar.codecId !== AV_CODEC_ID_NONE)
  return media.map(({ index, codecpar }) => ({
    codec: avGetCodecName(codecpar.codecId) ?? '',
    packets: packets.get(index)!,
  }))
}

/**
 * Publishes a file by FFmpeg 8, its coded packets as they are, as fast as they are taken. FFmpeg closes with the server's
 * answers unread, which resets the line and may cost what is under way: it closes when a player has seen the last packet of
 * each of the file's streams. `app`: the URL of the application; `player`: of all tracks, one of its own otherwise.
 */
export async function publishPackets(file: string, app: string, name: string, player?: RtmpStream): Promise<void> {
  await using client = player ? null : await RtmpClient.connect({ url: app, properties: everyTrack })
  const witness = player ?? (await client!.play(name))
  await using demuxer = await Demuxer.open(file, { copyTs: true })
  const muxer = new FormatContext()
  FFmpegError.throwIfError(muxer.allocOutputContext2(null, 'flv', `${app}/${name}`))
  for (const { codecpar, timeBase } of demuxer.streams) {
    const stream = muxer.newStream()
    FFmpegError.throwIfError(codecpar.copy(stream.codecpar))
    stream.codecpar.codecTag = 0
    stream.timeBase = timeBase
  }
  FFmpegError.throwIfError(await muxer.openOutput())
  try {
    FFmpegError.throwIfError(await muxer.writeHeader(Dictionary.fromObject({})))
    const last: Buffer[] = []
    for await (const packet of demuxer.packets()) {
      if (!packet) continue
      const { streamIndex } = packet
      last[streamIndex] = Buffer.from(packet.data!)
      packet.rescaleTs(demuxer.streams[streamIndex]!.timeBase, muxer.streams[streamIndex]!.timeBase)
      FFmpegError.throwIfError(await muxer.interleavedWriteFrame(packet))
    }
    FFmpegError.throwIfError(await muxer.writeTrailer())
    await Promise.all(last.map(data => witness.frame(({ payload }) => payload.subarray(-data.length).equals(data))))
  } finally {
    await muxer.closeOutput()
    muxer.freeContext()
  }
}

function hash(packet: Packet): string {
  return createHash('sha1')
    .update(packet.data ?? Buffer.alloc(0))
    .digest('hex')
    .slice(0, 16)
}
