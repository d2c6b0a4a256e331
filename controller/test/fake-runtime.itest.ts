/** The fake that other tests stand on keeps the contract of the real one. */
import { FakeClock } from '../src/clock-fake.ts'
import { FakeRuntime } from '../src/runtime/fake/fake-runtime.ts'
import { runtimeContract } from './runtime-contract.ts'

runtimeContract('the fake', () => {
  const runtime = new FakeRuntime(new FakeClock())
  runtime.deaf = true
  return Promise.resolve({
    runtime,
    command: ['agent'],
    deafCommand() {
      runtime.stubborn = true
      return ['deaf-agent']
    },
    isDeaf: () => true,
    hearingCommand() {
      runtime.deaf = false
      return ['hearing-agent']
    },
    impossibleCommand() {
      runtime.refusal = { ok: false, reason: 'StartFailed', message: 'There is no such program.' }
      return ['no-agent']
    },
    claim: (ref) => {
      runtime.claim(ref)
    },
    exit: (ref, exitCode) => {
      runtime.exit(ref, exitCode)
    },
    // What a fake knows is the world itself.
    takeOver: () => Promise.resolve(),
    close: () => runtime.close(),
  })
})
