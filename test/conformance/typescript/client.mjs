// Uses a Daytona server with the official TypeScript SDK. Prints `pass: NAME` or `fail: NAME | why` for each case; the cases build on each other.
// node client.mjs FOLDER, whose node_modules holds @daytona/sdk.
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const sdk = await import(pathToFileURL(createRequire(`${process.argv[2]}/client.mjs`).resolve('@daytona/sdk')))
const { Daytona, DaytonaAuthenticationError, DaytonaBadRequestError, DaytonaConflictError, DaytonaNotFoundError,
  DaytonaProcessExecutionTimeoutError, DaytonaSessionEndedError } = sdk.default ?? sdk

const MARK = `typescript-${process.pid}`
const LOG = 'for n in $(seq 20000); do echo line $n; [ $((n % 7)) = 0 ] && echo problem $n >&2; done; printf end; (exit 4)'
const CHART = `
import matplotlib.pyplot as plt
plt.plot([0, 1, 2], [1, 4, 9], label='squares')
plt.title('Line')
plt.show()
`
const client = new Daytona({ apiUrl: process.env.DAYTONA_API_URL, apiKey: process.env.DAYTONA_API_KEY })
let sandbox

async function ids(query) {
  const found = []
  for await (const item of client.list(query)) found.push(item.id)
  return found.sort()
}

/** A terminal with the text that it has put out; `put` waits until it has put out some more. */
async function openTerminal(open) {
  const terminal = { text: '' }
  let look = () => {}
  terminal.pty = await open((bytes) => {
    terminal.text += Buffer.from(bytes).toString()
    look()
  })
  await terminal.pty.waitForConnection()
  terminal.put = (end) => new Promise((resolve) => {
    look = () => { if (terminal.text.includes(end)) resolve() }
    look()
  })
  return terminal
}

const cases = {
  'create gives a started sandbox with what was asked for': async () => {
    sandbox = await client.create({ name: `${MARK}-main`, language: 'typescript', labels: { mark: MARK }, envVars: { COLOUR: 'green' }, autoStopInterval: 0 })
    assert.equal(sandbox.state, 'started')
    assert.equal(sandbox.name, `${MARK}-main`)
    assert.deepEqual(sandbox.labels, { mark: MARK, 'code-toolbox-language': 'typescript' })
    assert.deepEqual(sandbox.env, { COLOUR: 'green' })
    assert.equal(sandbox.autoStopInterval, 0)
  },
  'get finds a sandbox by id and by name': async () => {
    assert.equal((await client.get(sandbox.id)).name, sandbox.name)
    assert.equal((await client.get(sandbox.name)).id, sandbox.id)
  },
  'list filters by label, state and name, page by page': async () => {
    const second = await client.create({ labels: { mark: MARK } })
    assert.deepEqual(await ids({ labels: { mark: MARK }, limit: 1 }), [sandbox.id, second.id].sort())
    assert.deepEqual(await ids({ name: `${MARK}-MA`, states: ['started'] }), [sandbox.id])
    assert.deepEqual(await ids({ labels: { mark: 'other' } }), [])
    await second.delete()
  },
  'executeCommand gives output and exit code, with working directory and environment': async () => {
    const answer = await sandbox.process.executeCommand('echo $COLOUR $SHAPE; pwd; echo problem >&2', '/tmp', { SHAPE: 'round' })
    assert.deepEqual([answer.exitCode, answer.result], [0, 'green round\n/tmp\nproblem\n'])
    assert.equal((await sandbox.process.executeCommand('exit 42')).exitCode, 42)
  },
  'a command that outlives its timeout raises the timeout error of processes': async () => {
    await assert.rejects(sandbox.process.executeCommand('sleep 20', undefined, undefined, 1), DaytonaProcessExecutionTimeoutError)
  },
  'codeRun runs TypeScript with arguments and environment': async () => {
    const answer = await sandbox.process.codeRun('const shape: string = process.env.SHAPE!; console.log(process.argv.slice(1), shape)',
      { argv: ['a', 'b'], env: { SHAPE: 'round' } })
    assert.deepEqual([answer.exitCode, answer.result], [0, "[ 'a', 'b' ] round\n"])
    const failed = await sandbox.process.codeRun('throw new TypeError("no")')
    assert.equal(failed.exitCode, 1)
    assert.match(failed.result, /TypeError: no/)
  },
  'codeRun returns charts, typed, with their picture': async () => {
    const python = await client.create({ language: 'python', labels: { mark: MARK } })
    const answer = await python.process.codeRun(CHART)
    assert.equal(answer.exitCode, 0)
    const [chart] = answer.artifacts.charts
    assert.deepEqual([chart.type, chart.title], ['line', 'Line'])
    assert.deepEqual(chart.elements.map(({ label, points }) => ({ label, points })), [{ label: 'squares', points: [[0, 1], [1, 4], [2, 9]] }])
    assert.ok(chart.png.startsWith('iVBORw0KGgo'))
    await python.delete()
  },
  'a session keeps its state, takes input, and tells its outputs apart': async () => {
    const { process } = sandbox
    await process.createSession('build')
    const first = await process.executeSessionCommand('build', { command: 'cd /tmp; A=1; echo out; echo err >&2; (exit 3)' })
    assert.deepEqual([first.exitCode, first.stdout, first.stderr], [3, 'out\n', 'err\n'])
    const started = await process.executeSessionCommand('build', { command: 'read x; echo $PWD $A $x', runAsync: true })
    await process.sendSessionCommandInput('build', started.cmdId, 'hello')
    assert.equal((await process.executeSessionCommand('build', { command: 'true' })).exitCode, 0)
    assert.equal((await process.getSessionCommandLogs('build', started.cmdId)).stdout, 'hello\n/tmp 1 hello\n')
    assert.equal((await process.getEntrypointSession()).sessionId, 'entrypoint')
    assert.equal((await process.executeSessionCommand('build', { command: 'exit 3' })).exitCode, 3)
    await assert.rejects(process.executeSessionCommand('build', { command: 'true' }), DaytonaSessionEndedError)
    await process.deleteSession('build')
    assert.deepEqual(await process.listSessions(), [])
  },
  'followed logs arrive to the last byte, each with its output': async () => {
    const { process } = sandbox
    await process.createSession('logs')
    const started = await process.executeSessionCommand('logs', { command: LOG, runAsync: true })
    let out = '', err = ''
    await process.getSessionCommandLogs('logs', started.cmdId, (text) => { out += text }, (text) => { err += text })
    const lines = Array.from({ length: 20000 }, (_, index) => index + 1)
    assert.ok(out === lines.map((n) => `line ${n}\n`).join('') + 'end', 'standard output differs')
    assert.ok(err === lines.filter((n) => n % 7 === 0).map((n) => `problem ${n}\n`).join(''), 'standard error differs')
    assert.equal((await process.getSessionCommand('logs', started.cmdId)).exitCode, 4)
    await process.deleteSession('logs')
  },
  'files go up and come down with every byte, are listed, moved, searched, changed and deleted': async () => {
    const { fs } = sandbox
    const data = Buffer.from(Uint8Array.from({ length: 1 << 20 }, (_, i) => i & 255))
    await fs.createFolder('files/sub', '750')
    await fs.uploadFile(data, 'files/data.bin')
    await fs.uploadFiles([{ source: Buffer.from('one TODO\ntwo\n'), destination: 'files/a.txt' }, { source: Buffer.alloc(0), destination: 'files/hé €.txt' }])
    assert.ok(data.equals(await fs.downloadFile('files/data.bin')))
    const several = await fs.downloadFiles([{ source: 'files/a.txt' }, { source: 'files/none' }])
    assert.deepEqual(several.map(({ source, result, error }) => [source, result?.toString(), Boolean(error)]), [['files/a.txt', 'one TODO\ntwo\n', false], ['files/none', undefined, true]])
    assert.deepEqual((await fs.listFiles('files')).map(({ name, isDir, permissions }) => [name, isDir, permissions]),
      [['a.txt', false, '0644'], ['data.bin', false, '0644'], ['hé €.txt', false, '0644'], ['sub', true, '0750']])
    assert.deepEqual(await fs.findFiles('files', 'TODO'), [{ file: 'files/a.txt', line: 1, content: 'one TODO' }])
    assert.deepEqual((await fs.searchFiles('files', '*.txt')).files, ['files/a.txt', 'files/hé €.txt'])
    assert.deepEqual((await fs.replaceInFiles(['files/a.txt'], 'two', 'three')).map(({ file, success }) => [file, success]), [['files/a.txt', true]])
    await fs.moveFiles('files/a.txt', 'files/sub/b.txt')
    await fs.setFilePermissions('files/sub/b.txt', { mode: '600' })
    const { name, size, permissions, isDir } = await fs.getFileDetails('files/sub/b.txt')
    assert.deepEqual([name, size, permissions, isDir], ['b.txt', 15, '0600', false])
    await assert.rejects(fs.getFileDetails('files/a.txt'), DaytonaNotFoundError)
    await assert.rejects(fs.downloadFile('files/none'), DaytonaNotFoundError)
    await fs.deleteFile('files', true)
    await assert.rejects(fs.listFiles('files'), DaytonaNotFoundError)
  },
  'a terminal takes input, changes its size, is seen by two clients, and tells its exit code': async () => {
    const { process } = sandbox
    const terminal = await openTerminal((onData) => process.createPty({ id: 'shell', cwd: '/tmp', envs: { SHAPE: 'round' }, rows: 30, cols: 100, onData }))
    const second = await openTerminal((onData) => process.connectPty('shell', { onData }))
    await terminal.pty.sendInput('stty size; pwd; echo $SHAPE-$TERM\n')
    await terminal.put('round-xterm-256color\r\n')
    assert.match(terminal.text, /30 100\r\n\/tmp\r\n/)
    assert.equal((await terminal.pty.resize(133, 41)).cols, 133)
    await second.pty.sendInput('stty size\n')
    await second.put('41 133\r\n')
    assert.deepEqual((await process.listPtySessions()).map(({ id, active, rows }) => [id, active, rows]), [['shell', true, 41]])
    await assert.rejects(process.createPty({ id: 'shell', onData() {} }))
    await terminal.pty.sendInput('echo $((6*7))-words; exit 5\n')
    assert.deepEqual([(await terminal.pty.wait()).exitCode, (await second.pty.wait()).exitCode], [5, 5])
    assert.match(terminal.text, /42-words\r\n/)
    assert.match(second.text, /42-words\r\n/)
    const other = await openTerminal((onData) => process.createPty({ id: 'other', onData }))
    await other.pty.kill()
    assert.deepEqual([(await other.pty.wait()).exitCode, other.pty.error], [137, 'SIGKILL'])
    await assert.rejects(process.getPtySessionInfo('other'), DaytonaNotFoundError)
  },
  'the interpreter keeps state, streams what is printed in its order, and tells exceptions, timeouts and deaths': async () => {
    const { codeInterpreter } = sandbox
    const order = []
    await codeInterpreter.runCode('import os, sys\nx = 41')
    const result = await codeInterpreter.runCode("x += 1; print('a', flush=True); print('b', file=sys.stderr); os.system('echo c'); print(os.environ['Q'])\n1 / 0", {
      onStdout: ({ output }) => order.push(['out', output]),
      onStderr: ({ output }) => order.push(['err', output]),
      onError: ({ name }) => order.push(['error', name]),
      envs: { Q: 'z' },
    })
    assert.deepEqual([result.stdout, result.stderr, result.error.value], ['a\nc\nz\n', 'b\n', 'division by zero'])
    assert.deepEqual([order[0], order[1], order.at(-1)], [['out', 'a\n'], ['err', 'b\n'], ['error', 'ZeroDivisionError']])
    assert.equal((await codeInterpreter.runCode("print('so far', flush=True)\nwhile True: pass", { timeout: 1 })).stdout, 'so far\n') // it takes `interrupted` for success
    assert.equal((await codeInterpreter.runCode("print(x, 'Q' in os.environ)")).stdout, '42 False\n')
    const context = await codeInterpreter.createContext('/tmp')
    assert.deepEqual((await codeInterpreter.listContexts()).map(({ id, cwd, active, language }) => [id, cwd, active, language]), [[context.id, '/tmp', true, 'python']])
    assert.equal((await codeInterpreter.runCode("import os; print(os.getcwd(), 'x' in globals())", { context })).stdout, '/tmp False\n')
    assert.equal((await codeInterpreter.runCode("os.system('echo dying'); os._exit(3)", { context })).stdout, 'dying\n') // and 1001
    assert.equal((await codeInterpreter.runCode("print('os' in globals())", { context })).stdout, 'False\n')
    await codeInterpreter.deleteContext(context)
    await assert.rejects(codeInterpreter.deleteContext(context), DaytonaNotFoundError)
    await assert.rejects(codeInterpreter.runCode('1', { context }), /context not found/)
    const many = await Promise.all([...Array(10).keys()].map((n) => codeInterpreter.runCode(`print(${n})\nfor line in range(1000): print('z' * 50)`)))
    assert.deepEqual(many.map(({ stdout }) => [stdout.split('\n')[0], stdout.length]), [...Array(10).keys()].map((n) => [`${n}`, 51002]))
  },
  'home and working directory are the user\'s': async () => {
    assert.equal(await sandbox.getUserHomeDir(), '/home/daytona')
    assert.equal(await sandbox.getWorkDir(), '/home/daytona')
  },
  'labels are replaced': async () => {
    await sandbox.setLabels({ mark: MARK, new: '1' })
    await sandbox.refreshData()
    assert.deepEqual(sandbox.labels, { mark: MARK, new: '1' })
  },
  'activity can be reported': async () => {
    const before = (await client.get(sandbox.id)).lastActivityAt
    await sandbox.refreshActivity()
    const after = (await client.get(sandbox.id)).lastActivityAt
    assert.ok(after >= before, `${after} after ${before}`)
  },
  'stop ends the processes; a stopped sandbox runs nothing': async () => {
    await sandbox.process.executeCommand('echo kept > kept.txt')
    await sandbox.stop(60)
    assert.equal(sandbox.state, 'stopped')
    await assert.rejects(sandbox.process.executeCommand('true'), DaytonaBadRequestError)
  },
  'start brings it back with its files': async () => {
    await sandbox.start(60)
    assert.equal(sandbox.state, 'started')
    assert.equal((await sandbox.process.executeCommand('cat kept.txt')).result, 'kept\n')
  },
  'unknown id, taken name, wrong key and refused parameter raise the class of their status': async () => {
    await assert.rejects(client.get('no-such-sandbox'), DaytonaNotFoundError)
    await assert.rejects(client.create({ name: `${MARK}-main` }), DaytonaConflictError)
    await assert.rejects(client.create({ networkAllowList: '10.0.0.0/8' }), DaytonaBadRequestError)
    await assert.rejects(new Daytona({ apiUrl: process.env.DAYTONA_API_URL, apiKey: 'wrong' }).get(sandbox.id), DaytonaAuthenticationError)
  },
  'ten sandboxes run at once': async () => {
    const results = await Promise.all(Array.from({ length: 10 }, async (_, number) => {
      const one = await client.create({ labels: { mark: MARK } })
      try {
        return (await one.process.executeCommand(`echo ${number}`)).result
      } finally {
        await one.delete()
      }
    }))
    assert.deepEqual(results, Array.from({ length: 10 }, (_, number) => `${number}\n`))
  },
  'a deleted sandbox is gone for get and list': async () => {
    await sandbox.delete(60, true)
    await assert.rejects(client.get(sandbox.id), DaytonaNotFoundError)
    assert.deepEqual(await ids({ labels: { mark: MARK } }), [])
  },
}

let failed = false
for (const [name, run] of Object.entries(cases)) {
  try {
    await run()
    console.log(`pass: ${name}`)
  } catch (error) {
    failed = true
    console.log(`fail: ${name} | ${`${error?.name}: ${error?.message}`.replace(/\s+/g, ' ')}`)
  }
}
process.exit(failed ? 1 : 0)          // the event channel would keep the process alive
