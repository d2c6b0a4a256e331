/** Objects as the API shows them, at a fixed time. */
import type {
  AgentService,
  Condition,
  ConfigMap,
  ControllerRevision,
  KubeEvent,
  Manifest,
  Pod,
  PodMetrics,
  Secret,
  Terminated,
} from '@orc/schemas'

export const NOW_MS = Date.parse('2026-03-01T12:00:00Z')

const ago = (seconds: number): string => new Date(NOW_MS - seconds * 1000).toISOString()

export function condition(type: string, status: Condition['status'], reason: string, message: string): Condition {
  return { type, status, reason, message, lastTransitionTime: ago(300), observedGeneration: 1 }
}

export const READY = [
  condition('Accepted', 'True', 'Accepted', 'The declared spec is in force.'),
  condition('Ready', 'True', 'Ready', 'Ready.'),
  condition('Progressing', 'False', 'Settled', 'Nothing is left to do.'),
  condition('Stalled', 'False', 'Settled', 'orc can go on by itself.'),
]

export function service(name: string, change: Partial<AgentService> = {}): AgentService {
  return {
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'AgentService',
    metadata: { name, namespace: 'default', resourceVersion: '17', generation: 1, creationTimestamp: ago(7500) },
    spec: { command: ['python3', 'main.py'], replicas: 1, restartPolicy: 'Always', operatingMode: 'Running' },
    status: {
      observedGeneration: 1,
      replicas: 1,
      readyReplicas: 1,
      updatedReplicas: 1,
      restartCount: 0,
      conditions: READY,
    },
    ...change,
  }
}

export function pod(service: string, ordinal: number, change: Partial<Pod['status']> = {}): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${service}-${String(ordinal)}`,
      namespace: 'default',
      labels: { 'orc.dev/service': service, 'orc.dev/ordinal': String(ordinal) },
      creationTimestamp: ago(7500),
    },
    spec: {
      containers: [
        {
          name: service,
          command: ['python3', 'main.py'],
          ports: [{ name: 'http', containerPort: 21_000 + ordinal }],
        },
      ],
      restartPolicy: 'Always',
      nodeName: 'localhost',
    },
    status: {
      phase: 'Running',
      reason: 'Ready',
      message: 'Ready.',
      conditions: [condition('Ready', 'True', 'Ready', 'Ready.')],
      hostIP: '127.0.0.1',
      podIP: '127.0.0.1',
      containerStatuses: [container(service)],
      orc: { pid: 4000 + ordinal, run: 1 },
      ...change,
    },
  }
}

type Container = Pod['status']['containerStatuses'][0]

export function container(name: string, change: Partial<Container> = {}): Container {
  return {
    name,
    ready: true,
    started: true,
    restartCount: 0,
    image: '',
    imageID: '',
    containerID: `orc://${name}`,
    state: { running: { startedAt: ago(90) } },
    lastState: {},
    ...change,
  }
}

export const CRASHED: Terminated = {
  exitCode: 7,
  reason: 'Exited',
  startedAt: ago(340),
  finishedAt: ago(300),
  message: 'Traceback (most recent call last):\n  File "main.py", line 3\nKeyError: \u001b[31m\'FEED\'\u001b[0m\n',
  containerID: 'orc://1',
}

/** Waits for its next start after an exit with code 7. */
export function crashedPod(service: string, ordinal: number): Pod {
  const message = 'The process exited with code 7 after 40 s. Restart 3 in 4 s.'
  return pod(service, ordinal, {
    phase: 'Pending',
    reason: 'CrashLoopBackOff',
    message,
    conditions: [condition('Ready', 'False', 'CrashLoopBackOff', message)],
    containerStatuses: [
      container(service, {
        ready: false,
        started: false,
        restartCount: 3,
        state: { waiting: { reason: 'CrashLoopBackOff', message } },
        lastState: { terminated: CRASHED },
      }),
    ],
    orc: { run: 4, nextRetryTime: new Date(NOW_MS + 4000).toISOString() },
  })
}

export function manifest(path: string, status: Partial<Manifest['status']> = {}): Manifest {
  return {
    apiVersion: 'orc.dev/v1alpha1',
    kind: 'Manifest',
    metadata: { name: path.replaceAll('/', '-'), resourceVersion: '3', creationTimestamp: ago(7500) },
    spec: { path },
    status: { state: 'Loaded', observedHash: 'ab', objects: [], errors: [], warnings: [], ...status },
  }
}

export const CONFIG_MAP: ConfigMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'default', creationTimestamp: ago(100_000) },
  data: { FEED: 'feed.jsonl', 'rules.txt': 'one\ntwo\n' },
  binaryData: { icon: 'AAECAw==' },
}

export const SECRET: Secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: {
    name: 'reddit',
    namespace: 'default',
    creationTimestamp: ago(900_000),
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{"data":{"token":"aHVudGVyMg=="}}' },
  },
  data: { token: 'aHVudGVyMg==' },
}

export const METRICS: PodMetrics = {
  apiVersion: 'metrics.k8s.io/v1beta1',
  kind: 'PodMetrics',
  metadata: { name: 'web-0', namespace: 'default' },
  timestamp: ago(5),
  window: '10s',
  containers: [{ name: 'web', usage: { cpu: '12m', memory: '65536Ki' } }],
}

/** Of the service `web`. */
export function revision(number: number, orc: Partial<ControllerRevision['orc']> = {}): ControllerRevision {
  const hash = `${String(number)}d9d41f4a1f6c0e2`
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `web-${hash}`,
      namespace: 'default',
      labels: { 'orc.dev/service': 'web' },
      creationTimestamp: ago(7500 / number),
    },
    revision: number,
    data: { spec: { command: ['python3', 'main.py'], env: [{ name: 'VERSION', value: String(number) }] } },
    orc: { state: 'Proven', revision: hash, ...orc },
  }
}

/** `of`: KIND/NAME. */
export function event(of: string, change: Partial<KubeEvent> & { readonly secondsAgo?: number } = {}): KubeEvent {
  const { secondsAgo = 60, ...fields } = change
  const [kind = '', name = ''] = of.split('/')
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.1`, namespace: 'default' },
    involvedObject: { apiVersion: '', kind, namespace: 'default', name, uid: `uid-${of}` },
    type: 'Normal',
    reason: 'Started',
    message: 'The process runs.',
    source: { component: 'orc' },
    firstTimestamp: ago(600),
    lastTimestamp: ago(secondsAgo),
    count: 1,
    reportingComponent: 'orc',
    reportingInstance: '',
    ...fields,
  }
}
