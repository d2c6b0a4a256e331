/** Reads the body of a request as JSON that nothing behind it has to be afraid of. */
import type { IncomingMessage } from 'node:http'
import { badRequest, Failure, tooLarge, unsupportedMediaType } from './errors.ts'
import { findJsonError } from './json-error.ts'
import { shown } from './parameters.ts'

export const STORED_BODY_BYTES = 3 * 1024 * 1024
export const SMALL_BODY_BYTES = 4 * 1024
export const JSON_TYPES = ['application/json']
export const PATCH_TYPES = ['application/merge-patch+json']

const MOST_DEPTH = 64
const REFUSED_KEYS: readonly string[] = ['__proto__', 'constructor', 'prototype']

export interface Body {
  readonly value: unknown
}

export interface BodyOptions {
  /** Media types that are taken. */
  readonly types: readonly string[]
  readonly limit: number
  /** Without a Content-Type it is taken for JSON, and without a body for undefined. */
  readonly isOptional?: boolean
}

export async function readBody(request: IncomingMessage, options: BodyOptions): Promise<Body | Failure> {
  const { types, limit, isOptional = false } = options
  if (!isTaken(request.headers['content-type'], options)) return unsupportedMediaType(types)
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') return new Failure(415, 'UnsupportedMediaType', 'the body must not be compressed')
  const bytes = await readBytes(request, limit)
  if (bytes instanceof Failure) return bytes
  return bytes.length === 0 && isOptional ? { value: undefined } : parse(bytes)
}

function isTaken(contentType: string | undefined, { types, isOptional = false }: BodyOptions): boolean {
  const [type = ''] = (contentType ?? '').split(';')
  return contentType === undefined ? isOptional : types.includes(type.trim().toLowerCase())
}

/** Past the limit the rest is read and dropped, so that the client comes to read why; the request timeout ends that. */
function readBytes(request: IncomingMessage, limit: number): Promise<Buffer | Failure> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.resolve(tooLarge(limit))
  return new Promise((resolve) => {
    const pieces: Buffer[] = []
    let size = 0
    request.on('data', (piece: Buffer) => {
      size += piece.length
      if (size <= limit) pieces.push(piece)
      else {
        pieces.length = 0
        resolve(tooLarge(limit))
      }
    })
    request.on('end', () => {
      resolve(Buffer.concat(pieces))
    })
    const onLoss = (): void => {
      resolve(badRequest('the request ended before its body did'))
    }
    request.on('error', onLoss)
    request.on('close', onLoss)
  })
}

function parse(bytes: Buffer): Body | Failure {
  if (isTooDeep(bytes)) return badRequest(`the body is nested deeper than ${String(MOST_DEPTH)} levels`)
  const text = decodeText(bytes)
  if (text === undefined) return badRequest('the body is not valid UTF-8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    const at = findJsonError(text) ?? { line: 1, column: 1 }
    return badRequest(`the body is not valid JSON: line ${String(at.line)}, column ${String(at.column)}`)
  }
  const key = findRefusedKey(value)
  return key === undefined ? { value } : badRequest(`the key ${shown(key)} is not allowed`)
}

const [QUOTE, BACKSLASH] = [0x22, 0x5c]
const OPENING: readonly number[] = [0x5b, 0x7b]
const CLOSING: readonly number[] = [0x5d, 0x7d]

/** Asked before parsing, which takes a second for a body of nothing but brackets. */
function isTooDeep(bytes: Buffer): boolean {
  let depth = 0
  let isInString = false
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    if (byte === QUOTE) isInString = !isInString
    else if (isInString) at += byte === BACKSLASH ? 1 : 0
    else if (CLOSING.includes(byte)) depth--
    else if (OPENING.includes(byte) && ++depth > MOST_DEPTH) return true
  }
  return false
}

function decodeText(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function findRefusedKey(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, part] of Object.entries(value)) {
    const refused = REFUSED_KEYS.includes(key) ? key : findRefusedKey(part)
    if (refused !== undefined) return refused
  }
  return undefined
}
