/** Kinds that orc shows but nobody declares. */
import type { Condition, ObjectMeta } from './generated/index.ts'
import type { Reason } from './reasons.ts'

/** One replica, as a core/v1 Pod with one container. */
export interface Pod {
  readonly apiVersion: 'v1'
  readonly kind: 'Pod'
  readonly metadata: ObjectMeta
  readonly spec: {
    readonly containers: readonly [
      {
        readonly name: string
        readonly command: readonly string[]
        readonly ports: readonly { readonly name: string; readonly containerPort: number }[]
      },
    ]
    readonly restartPolicy: string
    readonly nodeName: string
  }
  readonly status: PodStatus
}

export interface PodStatus {
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown'
  readonly conditions: readonly Condition[]
  /** Why the pod is as it is, in words. */
  readonly message: string
  readonly reason: Reason
  readonly startTime?: string
  readonly hostIP: '127.0.0.1'
  readonly podIP: '127.0.0.1'
  readonly containerStatuses: readonly [ContainerStatus]
  /** orc's own: what the process is on this host. */
  readonly orc: {
    readonly pid?: number
    readonly run?: number
    /** What the process and all that descends from it use together, about: cores and resident bytes as quantities. */
    readonly cpu?: string
    readonly memory?: string
    readonly processes?: number
    /** Which pod in a row it is at its ordinal, from 1. */
    readonly incarnation?: number
    /** Bytes that the newest run wrote faster than its log can be kept; absent = none. */
    readonly logBytesDropped?: number
    /** Fingerprint of the content that its process read at its start, or was told of by a signal since. */
    readonly configRevision?: string
    /** When the next start is due (RFC 3339), while the replica backs off. */
    readonly nextRetryTime?: string
  }
}

export interface ContainerStatus {
  readonly name: string
  readonly ready: boolean
  readonly started: boolean
  readonly restartCount: number
  readonly image: string
  readonly imageID: string
  /** `orc://<run id>` of the newest run. */
  readonly containerID: string
  readonly state: ContainerState
  readonly lastState: ContainerState
}

export interface ContainerState {
  readonly running?: { readonly startedAt: string }
  readonly waiting?: { readonly reason: Reason; readonly message: string }
  readonly terminated?: Terminated
}

export interface Terminated {
  /** As a shell shows it (128 + signal); -1 when nobody saw it. */
  readonly exitCode: number
  readonly signal?: number
  readonly reason: Reason
  readonly startedAt: string
  readonly finishedAt: string
  /** The last lines that the process wrote. */
  readonly message?: string
  readonly containerID: string
}

/** Something that happened to an object, as a core/v1 Event. Repeats of the same are one event with a count. */
export interface KubeEvent {
  readonly apiVersion: 'v1'
  readonly kind: 'Event'
  readonly metadata: ObjectMeta
  readonly involvedObject: InvolvedObject
  /** `Warning` = somebody may have to do something. */
  readonly type: 'Normal' | 'Warning'
  readonly reason: Reason
  readonly message: string
  readonly source: { readonly component: 'orc' }
  readonly firstTimestamp: string
  readonly lastTimestamp: string
  /** How often it happened from the first time to the last. */
  readonly count: number
  readonly reportingComponent: 'orc'
  readonly reportingInstance: ''
}

export interface InvolvedObject {
  readonly apiVersion: string
  readonly kind: string
  /** '' for what is in none; its events are in the default namespace. */
  readonly namespace: string
  readonly name: string
  /** Of this very object: a later one of the same name has another. '' for what has none. */
  readonly uid: string
}

/** One file of the watched directory. */
export interface Manifest {
  readonly apiVersion: 'orc.dev/v1alpha1'
  readonly kind: 'Manifest'
  readonly metadata: ObjectMeta
  readonly spec: {
    /** Relative to the root. */
    readonly path: string
    /** All that is in the file. Lists and watches leave it out; absent also where the file must not be read. */
    readonly text?: string
    /** SHA-256 (hex) of the file as it is on the disk; a write names the one of the text that it began with. */
    readonly sha256?: string
  }
  readonly status: {
    /** What a write changed, or would change: in the answer to it only. */
    readonly changes?: readonly ObjectChange[]
    readonly state: 'Loaded' | 'Invalid'
    /** SHA-256 (hex) of the bytes that were judged. */
    readonly observedHash: string
    readonly objects: readonly { readonly kind: string; readonly namespace: string; readonly name: string }[]
    /** `path:line:column: what to do`. */
    readonly errors: readonly string[]
    readonly warnings: readonly string[]
  }
}

export interface ObjectChange {
  readonly type: 'Added' | 'Changed' | 'Removed'
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** As metrics.k8s.io/v1beta1: what `kubectl top pods` reads. */
export interface PodMetrics {
  readonly apiVersion: 'metrics.k8s.io/v1beta1'
  readonly kind: 'PodMetrics'
  readonly metadata: ObjectMeta
  readonly timestamp: string
  readonly window: string
  readonly containers: readonly [
    { readonly name: string; readonly usage: { readonly cpu: string; readonly memory: string } },
  ]
}

interface Reservable {
  readonly cpu: string
  readonly memory: string
}

/** What `GET /orc` says about the controller itself. */
export interface ControllerInfo {
  readonly version: string
  readonly pid: number
  readonly startedAt: string
  readonly manifestsDir: string
  readonly stateDir: string
  /** `http://host:port`. */
  readonly server: string
  /** What SIGTERM does to the services. */
  readonly mode: 'Foreground' | 'Detached'
  /** What replicas may reserve of the host, and what they have; quantities. Absent in an earlier orc. */
  readonly capacity?: {
    readonly allocatable: Reservable
    readonly reserved: Reservable
    /** Kept back for orc and everything else. */
    readonly kept: Reservable
    /** Replicas that do not fit. */
    readonly waiting: number
  }
  /** Objects that vanished together; they stay until they come back or somebody confirms. */
  readonly holds: readonly {
    readonly kind: string
    readonly namespace: string
    readonly name: string
    readonly since: string
  }[]
}

/** The answer to a failed request, as metav1.Status. */
export interface Status {
  readonly apiVersion: 'v1'
  readonly kind: 'Status'
  readonly metadata: Record<string, never>
  readonly status: 'Success' | 'Failure'
  readonly message?: string
  readonly reason?: string
  readonly details?: {
    readonly name?: string
    readonly group?: string
    readonly kind?: string
    readonly causes?: readonly { readonly reason: string; readonly message: string; readonly field: string }[]
  }
  readonly code: number
}
