import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { amf0Samples, amf3Samples } from '../fixtures/amf.ts'

const bareEngine = fileURLToPath(new URL('../fixtures/bare-engine.ts', import.meta.url))

/** What an expression makes of `amf`, the codec, where there is nothing but ECMAScript. */
async function bare(expression: string): Promise<unknown> {
  const flags = ['--no-warnings', '--experimental-vm-modules']
  const args = [...flags, bareEngine, '../../server/media/amf0.ts', expression]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout)
}

test('the codec does its work where there is no Node, no Buffer and no TextDecoder', async () => {
  const table = (samples: typeof amf0Samples, encoding: 0 | 3) =>
    samples.map(({ bytes }) => ({ bytes: bytes.replaceAll(' ', ''), encoding }))
  const samples = [...table(amf0Samples, 0), ...table(amf3Samples, 3)]
  const results = await bare(`${JSON.stringify(samples)}.map(({ bytes, encoding }) => {
    const given = Uint8Array.from(bytes.match(/../g), pair => parseInt(pair, 16))
    const written = amf.encodeAmf0(amf.decodeAmf0(given), { encoding })
    return Array.from(written, byte => byte.toString(16).padStart(2, '0')).join('')
  })`)
  assert.deepEqual(
    results,
    samples.map(({ bytes }) => bytes),
  )
  const globals = await bare(
    `[typeof Buffer, typeof process, typeof TextDecoder, typeof TextEncoder, typeof setTimeout]`,
  )
  assert.deepEqual(new Set(globals as string[]), new Set(['undefined']), 'and there really is none')
})

test('its errors are the same there', async () => {
  const thrown = await bare(`(() => {
    try {
      amf.decodeAmf0(Uint8Array.of(3, 0))
    } catch (error) {
      return [error.name, error.code, error instanceof Error]
    }
  })()`)
  assert.deepEqual(thrown, ['ProtocolError', 'AMF_TRUNCATED', true])
})
