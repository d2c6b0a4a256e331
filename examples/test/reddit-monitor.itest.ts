/** The flagship, as a real process: it loses no post by any death, says when it is not well, and why it will not start. */
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect } from 'vitest'
import { EXAMPLES, startAgent, temporaryDirectory, type Agent, type LogLine } from './support/agent.ts'
import { get } from './support/http.ts'
import { poll } from './support/poll.ts'
import { pythonTest } from './support/python.ts'

const HOME = path.join(EXAMPLES, 'reddit-monitor')

interface Post {
  id: string
  title: string
  permalink: string
}
const shipped = readFileSync(path.join(HOME, 'feed.jsonl'), 'utf8').trimEnd().split('\n')
const posts = shipped.map((line) => JSON.parse(line) as Post)

/** One service: its agents come and go, its directory stays. */
function service(settings: Record<string, string> = {}) {
  const dir = temporaryDirectory()
  const [stateDir, digestDir] = [path.join(dir, 'state'), path.join(dir, 'digests')]
  const cursorFile = path.join(stateDir, 'cursor.json')
  return {
    dir,
    stateDir,
    digestDir,
    cursorFile,
    start: (env: Record<string, string> = {}): Agent =>
      startAgent({
        command: ['python3', 'main.py'],
        workingDir: HOME,
        env: { STATE_DIR: stateDir, DIGEST_DIR: digestDir, DIGEST_POSTS: '10', ...settings, ...env },
      }),
    cursor: () => JSON.parse(readFileSync(cursorFile, 'utf8')) as { position: number; pass_number: number },
    digests: () =>
      Object.fromEntries(
        readdirSync(digestDir)
          .filter((name) => name.endsWith('.md'))
          .sort()
          .map((name) => [name, readFileSync(path.join(digestDir, name), 'utf8')]),
      ),
  }
}

const classified = (agent: Agent): LogLine[] => agent.lines().filter((line) => line.msg === 'post classified')
const ids = (agent: Agent): unknown[] => classified(agent).map((line) => line['id'])
const afterPosts = (agent: Agent, count: number) =>
  poll(`${count} posts`, () => classified(agent).length >= count || undefined)

describe('serves', () => {
  pythonTest('health, metrics and the latest digest', async () => {
    const agent = service({ FEED_SPEED: '200' }).start()
    const url = await agent.url()
    await afterPosts(agent, 20)
    const health = await get(`${url}/health`)
    expect(health.status).toBe(200)
    expect(JSON.parse(health.text)).toMatchObject({ status: 'ok', phase: 'running', posts: posts.length })

    const metrics = await get(`${url}/metrics`)
    expect(metrics).toMatchObject({ status: 200, contentType: 'text/plain; version=0.0.4; charset=utf-8' })
    expectPrometheusText(metrics.text)
    expect(metrics.text).toMatch(/^reddit_monitor_posts_classified_total\{label="incident"\} [1-9]/m)
    expect(metrics.text).toMatch(/^reddit_monitor_healthy 1$/m)

    const digest = await get(`${url}/digest/latest`)
    expect(digest).toMatchObject({ status: 200, contentType: 'text/markdown; charset=utf-8' })
    expect(digest.text).toMatch(/^# Digest: pass 1, posts \d+ to \d+\n/)
    expect(await get(`${url}/nowhere`)).toMatchObject({ status: 404 })
  })

  pythonTest('no digest before there is one', async () => {
    const agent = service({ FEED_SPEED: '0.01' }).start()
    expect(await get(`${await agent.url()}/digest/latest`)).toMatchObject({ status: 404 })
  })

  pythonTest('503 with the reason while it cannot write, and 200 again when it can', async () => {
    const it = service({ FEED_SPEED: '100', FEED_LOOP: 'true', STALL_SECONDS: '0.3' })
    const agent = it.start()
    const url = await agent.url()
    await afterPosts(agent, 3)
    // A file in the place of the directory stops every user, root too.
    const aside = path.join(it.dir, 'aside')
    renameSync(it.stateDir, aside)
    await poll('a file in the place of the directory', () => takeThePlaceOf(it.stateDir))
    const answer = await poll('503', async () => {
      const health = await get(`${url}/health`)
      return health.status === 503 && health.text.includes(' s: ') && health
    })
    expect(JSON.parse(answer.text)).toMatchObject({ status: 'unhealthy' })
    expect((JSON.parse(answer.text) as { reason: string }).reason).toMatch(/^no post handled for \d+\.\d s: .*state/)
    expect((await get(`${url}/metrics`)).text).toMatch(/^reddit_monitor_healthy 0$/m)

    const handled = classified(agent).length
    rmSync(it.stateDir)
    renameSync(aside, it.stateDir)
    await poll('200 again', async () => (await get(`${url}/health`)).status === 200 || undefined)
    await afterPosts(agent, handled + 3)
    // The post in hand waited: it is neither skipped nor handled twice.
    expect(ids(agent)).toEqual(expectedIds(classified(agent).length))
    expect(await agent.kill('SIGTERM')).toMatchObject({ code: 0 })
  })
})

describe('goes on', () => {
  pythonTest('after SIGTERM exactly where it stopped, with cursor and digest on disk and exit code 0', async () => {
    const it = service({ FEED_SPEED: '200' })
    const seen: unknown[] = []
    for (const round of [1, 2, 3]) {
      const agent = it.start()
      await afterPosts(agent, 13)
      const exit = await agent.kill('SIGTERM')
      expect(exit).toMatchObject({ code: 0, signal: null })
      expect(exit.afterMs).toBeLessThan(3_000)
      expect(agent.lines().at(-1)).toMatchObject({ msg: 'stopped, cursor and digest are on the disk' })
      seen.push(...ids(agent))
      expect(seen.length).toBeGreaterThanOrEqual(13 * round)
      expect(it.cursor().position).toBe(seen.length)
      expect(rangesOf(it.digests()).at(-1)?.last).toBe(seen.length)
    }
    expect(seen).toEqual(expectedIds(seen.length))
  })

  pythonTest('after SIGKILL with at most the post in hand lost from the log or repeated', async () => {
    const it = service({ FEED_SPEED: '300', FEED_LOOP: 'false' })
    const seen: number[] = []
    for (const count of [7, 12, 1, 23]) {
      const agent = it.start()
      await afterPosts(agent, count)
      expect(await agent.kill('SIGKILL')).toMatchObject({ signal: 'SIGKILL' })
      const positions = classified(agent).map((line) => Number(line['position']))
      const gap = (positions[0] ?? 0) - (seen.at(-1) ?? 0)
      expect([0, 1, 2]).toContain(gap)
      // Within one life there is no gap at all.
      expect(positions).toEqual(positions.map((_, index) => (positions[0] ?? 0) + index))
      seen.push(...positions)
    }
    const last = it.start()
    await last.waitForLine('feed finished')
    expect(await last.kill('SIGTERM')).toMatchObject({ code: 0 })
    expect(it.cursor().position).toBe(posts.length)

    const undisturbed = service({ FEED_SPEED: '1000', FEED_LOOP: 'false' })
    const agent = undisturbed.start()
    await agent.waitForLine('feed finished')
    // What was filed is the same, byte for byte, as if nothing had happened.
    expect(it.digests()).toEqual(undisturbed.digests())
  })

  pythonTest('at the end of the feed from the start, as the next pass', async () => {
    const it = service({ FEED_SPEED: '1000', FEED: smallFeed(4) })
    const agent = it.start()
    await afterPosts(agent, 9)
    const passes = classified(agent).slice(0, 9)
    expect(passes.map((line) => line['feedPass'])).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3])
    expect(passes.map((line) => line['position'])).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 1])
  })

  pythonTest('being well after the one pass of FEED_LOOP=false, also when started again', async () => {
    const it = service({ FEED_SPEED: '1000', FEED: smallFeed(4), FEED_LOOP: 'false' })
    for (const handled of [4, 0]) {
      const agent = it.start()
      await agent.waitForLine('feed finished')
      const health = await get(`${await agent.url()}/health`)
      expect(JSON.parse(health.text)).toMatchObject({ status: 'ok', phase: 'finished', position: 4 })
      expect(await agent.kill('SIGTERM')).toMatchObject({ code: 0 })
      expect(classified(agent)).toHaveLength(handled)
    }
    expect(rangesOf(it.digests())).toEqual([{ pass: 1, first: 1, last: 4 }])
  })

  pythonTest('from the start when the cursor is corrupt, which is moved aside and told', async () => {
    const it = service({ FEED_SPEED: '0.01' })
    mkdirSync(it.stateDir)
    writeFileSync(it.cursorFile, '{"version": 1, "pass_nu')
    const agent = it.start()
    const warning = await agent.waitForLine('corrupt cursor moved aside, starting over')
    expect(warning).toMatchObject({ level: 'warn' })
    expect(warning['reason']).toMatch(/^not JSON/)
    expect(readFileSync(String(warning['movedTo']), 'utf8')).toBe('{"version": 1, "pass_nu')
    expect(path.dirname(String(warning['movedTo']))).toBe(it.stateDir)
    await afterPosts(agent, 1)
    expect(it.cursor()).toMatchObject({ pass_number: 1, position: 1 })
  })
})

describe('reads the feed', () => {
  pythonTest('and labels posts as a person would', async () => {
    const expected = {
      'Larkspur API outage: 503 errors since 07:40 UTC': 'incident',
      'We leaked API keys through trace attributes': 'incident',
      'OOM killed twice tonight: Tidepool with a 32k context': 'incident',
      'Ferrule 2.3 released: typed tool calls and resumable runs': 'release',
      'Pinwheel 0.9 is here: durable workflows for agents on SQLite': 'release',
      'How many tools is too many?': 'question',
      'Exit code 137: who killed my process?': 'question',
      'Unpopular opinion: most agents should be cron jobs': 'opinion',
      'Hosted "latest" tags considered harmful': 'opinion',
      'Giveaway: 5 lifetime licenses for our no-code agent studio': 'noise',
      'Happy Friday from my GPU': 'noise',
    }
    const agent = service({ FEED_SPEED: '1000', FEED_LOOP: 'false' }).start()
    await agent.waitForLine('feed finished')
    const labels = Object.fromEntries(classified(agent).map((line) => [line['title'], line['label']]))
    expect(labels).toMatchObject(expected)
    expect(ids(agent)).toEqual(posts.map((post) => post.id))
    for (const line of classified(agent)) expect(Number(line['confidence'])).toBeGreaterThan(0)
  })

  pythonTest('and files what it found, grouped and with reasons', async () => {
    const it = service({ FEED_SPEED: '1000', FEED_LOOP: 'false' })
    const agent = it.start()
    await agent.waitForLine('feed finished')
    const digests = it.digests()
    expect(Object.keys(digests)[0]).toBe('digest-pass-000001-from-0001.md')
    const first = Object.values(digests)[0] ?? ''
    expect(first).toMatch(/^# Digest: pass 1, posts 1 to 10\n\nFrom 2026-03-09 .* UTC to 2026-03-09 .* UTC in r\//)
    expect(first).toMatch(
      /## Incidents \(\d\)\n\n- \*\*.*\*\* in r\/\w+: \d+ points, \d+ comments, confidence 0\.\d\d\n/,
    )
    expect(first).toMatch(/\n {2}- why: .* \(\+\d\)/)
    expectWholeAndOnce(digests, agent)
    // Nothing temporary is left beside them.
    expect(readdirSync(it.digestDir)).toEqual(Object.keys(digests))
  })

  pythonTest('at the recorded times when the speed is a factor', async () => {
    // Recorded over some hours: at this factor the first posts take a few hundredths of a second.
    const agent = service({ FEED_SPEED: '100000x' }).start()
    await afterPosts(agent, 5)
    expect(ids(agent).slice(0, 5)).toEqual(expectedIds(5))
  })

  pythonTest('and skips, names and counts a bad line', async () => {
    const feed = path.join(temporaryDirectory(), 'some.jsonl')
    writeFileSync(feed, [shipped[0], '{"id": "cut o', shipped[1], ''].join('\n'))
    const agent = service({ FEED: feed, FEED_SPEED: '1000', FEED_LOOP: 'false' }).start()
    await agent.waitForLine('feed finished')
    expect(await agent.waitForLine('feed line skipped')).toMatchObject({ level: 'warn', at: 'some.jsonl:2' })
    expect((await get(`${await agent.url()}/metrics`)).text).toMatch(/^reddit_monitor_feed_bad_lines 1$/m)
    expect(ids(agent)).toEqual(expectedIds(2))
  })
})

describe('refuses to start, in one line and with exit code 2,', () => {
  const badFeed = (): string => {
    const file = path.join(temporaryDirectory(), 'bad.jsonl')
    writeFileSync(file, `${shipped[0]}\n{"id": 1}\nnot json\n`)
    return file
  }
  const belowFile = (): string => path.join(smallFeed(1), 'below')
  const refusals: [string, () => Record<string, string>, RegExp][] = [
    [
      'a missing feed',
      () => ({ FEED: '/nowhere/feed.jsonl' }),
      /FEED: cannot read \/nowhere\/feed.jsonl: No such file/,
    ],
    [
      'a feed of bad lines',
      () => ({ FEED: badFeed() }),
      /FEED: 2 of 3 lines .* bad.jsonl:2: "subreddit|"id" must be text/,
    ],
    ['a speed that is none', () => ({ FEED_SPEED: 'fast' }), /FEED_SPEED must be posts per second .* not "fast"/],
    [
      'a state directory it cannot have',
      () => ({ STATE_DIR: belowFile() }),
      /STATE_DIR: cannot write to .*: Not a dir/,
    ],
    [
      'a digest directory it cannot have',
      () => ({ DIGEST_DIR: belowFile() }),
      /DIGEST_DIR: cannot write to .*: Not a dir/,
    ],
    ['a flag that is none', () => ({ FEED_LOOP: 'maybe' }), /FEED_LOOP must be "true" or "false", not "maybe"/],
    ['a port that is none', () => ({ PORT: '99999' }), /PORT must be a whole number from 0 to 65535, not "99999"/],
  ]
  for (const [what, env, line] of refusals) {
    pythonTest(`with ${what}`, async () => {
      const agent = service().start(env())
      expect(await agent.exited).toMatchObject({ code: 2, signal: null })
      expect(agent.stderr()).toMatch(/^reddit-monitor: [^\n]+\n$/)
      expect(agent.stderr()).toMatch(line)
      expect(agent.stdout()).toBe('')
    })
  }
})

function smallFeed(count: number): string {
  const file = path.join(temporaryDirectory(), 'small.jsonl')
  writeFileSync(
    file,
    shipped
      .slice(0, count)
      .map((line) => `${line}\n`)
      .join(''),
  )
  return file
}

/** The ids of the first posts, over as many passes as it takes. */
function expectedIds(count: number): string[] {
  return Array.from({ length: count }, (_, index) => posts[index % posts.length]!.id)
}

/** The agent makes its directory again when it is gone, so taking its place is a race that may need a second try. */
function takeThePlaceOf(directory: string): true | undefined {
  try {
    rmSync(directory, { recursive: true, force: true })
    writeFileSync(directory, '', { flag: 'wx' })
    return true
  } catch {
    return undefined
  }
}

interface Range {
  readonly pass: number
  readonly first: number
  readonly last: number
}

function rangesOf(digests: Record<string, string>): Range[] {
  return Object.values(digests).map((text) => {
    const [, pass, first, last] = /^# Digest: pass (\d+), posts (\d+) to (\d+)\n/.exec(text) ?? []
    return { pass: Number(pass), first: Number(first), last: Number(last) }
  })
}

/** Every post is counted in one digest, and each that is not noise is told in exactly one. */
function expectWholeAndOnce(digests: Record<string, string>, agent: Agent): void {
  const ranges = rangesOf(digests)
  expect(ranges.map((range) => range.first)).toEqual([1, ...ranges.slice(0, -1).map((range) => range.last + 1)])
  expect(ranges.at(-1)?.last).toBe(posts.length)
  const told = [
    ...Object.values(digests)
      .join('')
      .matchAll(/\/comments\/(\w+)\//g),
  ].map((match) => match[1])
  const worthTelling = classified(agent).filter((line) => line['label'] !== 'noise')
  expect(told.sort()).toEqual(worthTelling.map((line) => line['id']).sort())
}

/** The text format line by line: each sample belongs to the family announced above it. */
function expectPrometheusText(text: string): void {
  expect(text.endsWith('\n')).toBe(true)
  let family = ''
  for (const line of text.trimEnd().split('\n')) {
    const type = /^# TYPE ([a-z_]+) (counter|gauge)$/.exec(line)
    if (type) family = type[1] ?? ''
    else if (!line.startsWith('# HELP '))
      expect(line).toMatch(new RegExp(`^${family}(\\{[a-z]+="[a-z]+"\\})? [0-9.e+]+$`))
  }
  expect(family).not.toBe('')
}
