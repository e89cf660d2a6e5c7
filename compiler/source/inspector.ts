import type { Session } from 'node:inspector'

/**
 * What V8's inspector tells about a function, synchronously and on this thread: its scopes with the live values, and
 * where it stands. The debugger domain stays off, but for {@link Inspection.scriptText}.
 */
export interface FoundScope {
  /** V8's name of the kind: Closure (f), Block, Catch, Module, Script, Global, With Block, Eval */
  readonly kind: string
  /** A copy of the variables, made by V8 for this look. Uninitialised variables read as undefined. */
  readonly variables: Readonly<Record<string, unknown>>
}

export interface FunctionLocation {
  readonly scriptId: string
  /** 0-based, of the parameter list or, for an arrow function, of its start */
  readonly line: number
  readonly column: number
}

export interface FunctionInside {
  /** innermost first */
  readonly scopes: readonly FoundScope[]
  readonly location: FunctionLocation | undefined
}

export interface RunningScript {
  readonly scriptId: string
  readonly url: string
  readonly isModule: boolean
  readonly sourceMapURL: string
}

export interface Inspection {
  look(fn: object): FunctionInside
  /** Enables the debugger domain for a moment (3–15 ms, the more scripts the longer). No lasting slowdown was measured. */
  scripts(): RunningScript[]
  scriptText(scriptId: string): string
  close(): void
}

export interface InspectionRefused {
  readonly refused: string
}

const GROUP = 'iris'
const HOLDER = Symbol.for('iris.inspection')

interface Holder {
  target?: object
  scopes?: ArrayLike<{ readonly description: string; readonly object: Record<string, unknown> }>
}

export function openInspection(): Inspection | InspectionRefused {
  if (!inspector) return { refused: 'this build of Node has no inspector' }
  const session = new inspector.Session()
  try {
    session.connect()
    return inspectWith(session)
  } catch (error) {
    return { refused: refusal(error) }
  }
}

function loadInspector(): typeof import('node:inspector') | undefined {
  try {
    return process.getBuiltinModule('node:inspector')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_INSPECTOR_NOT_AVAILABLE') return undefined
    throw error
  }
}

/** Loading takes 3 ms, better spent when programs start than in the middle of their work. */
const inspector = loadInspector()

function refusal(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code === 'ERR_ACCESS_DENIED'
    ? 'the permission model forbids the inspector'
    : `the inspector cannot be used (${message})`
}

/** Runs a command. The answer to a session on its own thread arrives before post() returns. */
function send<T>(session: Session, method: string, params: object): T {
  let failure: Error | null | undefined
  let answer: object | undefined
  session.post(method, params, (error, result) => {
    failure = error
    answer = result
  })
  if (failure) throw new Error(`${method}: ${failure.message}`)
  if (!answer) throw new Error(`${method} gave no answer`)
  return answer as T
}

interface RemoteObject {
  readonly objectId: string
  readonly value?: { readonly scriptId: string; readonly lineNumber: number; readonly columnNumber: number }
}

function inspectWith(session: Session): Inspection {
  const holder: Holder = {}
  const holderId = publish(session, holder)
  return {
    look: target => look(session, holder, holderId, target),
    scripts: () => withDebugger(session, listed => listed),
    scriptText: scriptId =>
      withDebugger(
        session,
        () => send<{ scriptSource: string }>(session, 'Debugger.getScriptSource', { scriptId }).scriptSource,
      ),
    close() {
      send(session, 'Runtime.releaseObjectGroup', { objectGroup: GROUP })
      session.disconnect()
    },
  }
}

/** The inspector reaches values through names only: one global, for as long as this takes. */
function publish(session: Session, holder: Holder): string {
  Object.defineProperty(globalThis, HOLDER, { value: holder, configurable: true })
  try {
    const expression = `globalThis[Symbol.for(${JSON.stringify(HOLDER.description)})]`
    return send<{ result: RemoteObject }>(session, 'Runtime.evaluate', { expression, objectGroup: GROUP, silent: true })
      .result.objectId
  } finally {
    Reflect.deleteProperty(globalThis, HOLDER)
  }
}

function look(session: Session, holder: Holder, holderId: string, target: object): FunctionInside {
  holder.target = target
  const { result } = send<{ result: RemoteObject }>(session, 'Runtime.callFunctionOn', {
    objectId: holderId,
    functionDeclaration: 'function () { return this.target }',
    objectGroup: GROUP,
  })
  const { internalProperties = [] } = send<{ internalProperties?: { name: string; value?: RemoteObject }[] }>(
    session,
    'Runtime.getProperties',
    {
      objectId: result.objectId,
      ownProperties: true,
    },
  )
  const internal = (name: string): RemoteObject | undefined =>
    internalProperties.find(property => property.name === name)?.value
  const scopes = internal('[[Scopes]]')
  const place = internal('[[FunctionLocation]]')?.value
  return {
    scopes: scopes ? fetchScopes(session, holder, holderId, scopes.objectId) : [],
    location: place && { scriptId: place.scriptId, line: place.lineNumber, column: place.columnNumber },
  }
}

function fetchScopes(session: Session, holder: Holder, holderId: string, scopesId: string): FoundScope[] {
  send(session, 'Runtime.callFunctionOn', {
    objectId: scopesId,
    functionDeclaration: 'function (holder) { holder.scopes = this }',
    arguments: [{ objectId: holderId }],
    objectGroup: GROUP,
  })
  return Array.from(holder.scopes ?? [], ({ description, object }) => ({ kind: description, variables: object }))
}

function withDebugger<T>(session: Session, use: (scripts: RunningScript[]) => T): T {
  const scripts: RunningScript[] = []
  const onParsed = ({ params }: { params: RunningScript & { sourceMapURL?: string; isModule?: boolean } }): void => {
    const { scriptId, url, isModule = false, sourceMapURL = '' } = params
    scripts.push({ scriptId, url, isModule, sourceMapURL })
  }
  session.on('Debugger.scriptParsed', onParsed)
  try {
    send(session, 'Debugger.enable', { maxScriptsCacheSize: 0 })
    return use(scripts)
  } finally {
    send(session, 'Debugger.disable', {})
    session.off('Debugger.scriptParsed', onParsed)
  }
}
