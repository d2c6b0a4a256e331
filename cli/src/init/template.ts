/** The files of a minimal agent: an HTTP server that takes its port from orc, answers its probes and ends when asked. */

export const TEMPLATES = ['node', 'python'] as const
export type Template = (typeof TEMPLATES)[number]

export interface Agent {
  /** Name of the program's file. */
  readonly file: string
  readonly program: string
  readonly command: readonly string[]
}

export const AGENTS: Readonly<Record<Template, Agent>> = {
  node: { file: 'agent.mjs', command: ['node', 'agent.mjs'], program: nodeProgram() },
  python: { file: 'agent.py', command: ['python3', 'agent.py'], program: pythonProgram() },
}

/** `workingDir` as the manifest is to say it; '' = the default, the directory that contains the manifests. */
export function manifestText(name: string, { command }: Agent, workingDir: string): string {
  const directory = workingDir === '' ? '' : `  workingDir: ${JSON.stringify(workingDir)}\n`
  return `# Declares ${name}: orc keeps it running as this file says. Save a change, and orc makes it so.
apiVersion: orc.dev/v1alpha1
kind: AgentService
metadata:
  name: ${name}
spec:
  description: A small agent to begin with
  command: [${command.join(', ')}]
${directory}  # Port 0: orc chooses a free one and tells the program in the variable PORT.
  ports:
    - name: http
      port: 0
  # Ready when GET /health answers 200; replaced when it stops answering.
  readinessProbe:
    httpGet: { path: /health, port: http }
    periodSeconds: 2
  livenessProbe:
    httpGet: { path: /health, port: http }
    periodSeconds: 10
  terminationGracePeriodSeconds: 10
`
}

function nodeProgram(): string {
  return `// A minimal agent. orc gives it a port in PORT, asks GET /health, and sends SIGTERM when it is to end.
import { createServer } from 'node:http'

const workEveryMs = 5000
let rounds = 0

/** The place for what the agent does. */
function work() {
  rounds += 1
  console.log(\`round \${rounds}\`)
}

const server = createServer((request, response) => {
  const answers = { '/health': { status: 'ok' }, '/': { rounds } }
  const answer = answers[request.url]
  response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
  response.end(\`\${JSON.stringify(answer ?? { error: 'not found' })}\\n\`)
})
server.listen(Number(process.env.PORT ?? 8080), '127.0.0.1', () => {
  console.log(\`listening on port \${server.address().port}\`)
})
const timer = setInterval(work, workEveryMs)

// Finish what is under way, then end: without this, orc would have to kill the process after its grace period.
process.once('SIGTERM', () => {
  console.log('asked to end')
  clearInterval(timer)
  server.close()
  server.closeIdleConnections()
})
`
}

function pythonProgram(): string {
  return `"""A minimal agent. orc gives it a port in PORT, asks GET /health, and sends SIGTERM when it is to end."""

import json
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

WORK_EVERY_SECONDS = 5

ending = threading.Event()
rounds = 0


def work():
    """The place for what the agent does."""
    global rounds
    rounds += 1
    print(f"round {rounds}", flush=True)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        answers = {"/health": {"status": "ok"}, "/": {"rounds": rounds}}
        answer = answers.get(self.path)
        body = json.dumps(answer or {"error": "not found"}).encode() + b"\\n"
        self.send_response(200 if answer else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Probes ask every few seconds: not worth a line each."""


def main():
    # Finish what is under way, then end: without this, orc would have to kill the process after its grace period.
    signal.signal(signal.SIGTERM, lambda *_: ending.set())
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8080"))), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"listening on port {server.server_port}", flush=True)
    while not ending.wait(WORK_EVERY_SECONDS):
        work()
    print("asked to end", flush=True)
    server.shutdown()


if __name__ == "__main__":
    main()
`
}
