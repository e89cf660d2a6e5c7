/**
 * THE table of diagnostics. Every miss and every error that a user can see has one row here: a stable code, a title
 * and the fix. Codes are never reused or renumbered. `IRIS1xxx` source, `2xxx` language, `3xxx` types, `4xxx`
 * call time, `5xxx` runtime, `6xxx` actors, `7xxx` remarks. A test fails when a row has no fixture that provokes it.
 *
 * `{name}` in a title or fix is replaced by the argument of that name.
 */
export const DIAGNOSTICS = {
  // 1xxx: the source of the function could not be read
  IRIS1001: {
    title: 'the function is native or bound: it has no JavaScript source',
    fix: 'offload a function written in JavaScript; for a bound function, offload the function before binding it',
  },
  IRIS1002: {
    title: 'the source text does not parse: {reason}',
    fix: 'check the build step that produced this text; pass the untransformed function',
  },
  IRIS1003: {
    title: 'async functions and generators do not compile',
    fix: 'move the numeric loop into a plain function and offload that',
  },
  IRIS1004: {
    title: 'getters, setters and class constructors do not compile',
    fix: 'move the computation into a plain function or method',
  },
  IRIS1005: {
    title: 'the source is too large: {size} characters (limit {limit})',
    fix: 'offload the hot function alone, not the bundle around it',
  },
  IRIS1006: { title: 'the source is nested too deeply (limit {limit} levels)', fix: 'split the expression' },
  IRIS1007: {
    title: 'the value of `{name}` cannot be found: {reason}',
    fix: 'pass it in `captures: { {name} }` or as an argument',
  },
  IRIS1008: { title: '`{name}` is reassigned outside the kernel', fix: 'pass it as an argument' },
  IRIS1009: { title: 'the function is a Proxy', fix: 'offload the target of the proxy' },
  IRIS1010: {
    title: 'the kernel reaches more than {limit} helper functions',
    fix: 'offload a smaller part of the program',
  },

  // 2xxx: the language
  IRIS2001: {
    title: '{what} is not supported in a kernel',
    fix: 'rewrite this part with numbers, arrays and loops, or leave it outside the kernel',
  },
  IRIS2002: {
    title: 'the kernel assigns the captured variable `{name}`',
    fix: 'return the new value, or keep it in a typed array',
  },
  IRIS2003: { title: '`eval`, `with` and `new Function` do not compile', fix: 'remove them from the kernel' },
  IRIS2004: {
    title: '`{name}` is not a function that a kernel can call: {reason}',
    fix: 'call functions whose source Iris can read, or `Math` and the intrinsics',
  },
  IRIS2005: {
    title: '`arguments` is supported only as `arguments.length` and `arguments[constant]`',
    fix: 'name the parameters',
  },
  IRIS2006: {
    title: 'the method `{name}` of {of} is not supported',
    fix: 'write the loop, or use map, forEach, reduce, some, every, fill, subarray, set',
  },
  IRIS2007: {
    title: 'the built-in `{name}` has been replaced by another function',
    fix: 'restore the built-in before calling the kernel',
  },
  IRIS2008: {
    title: 'recursion through a closure that uses variables of the enclosing function',
    fix: 'pass the variables as arguments',
  },
  IRIS2009: {
    title: 'the call of `{name}` of the kernel library cannot be compiled: {reason}',
    fix: 'call it outside of the kernel, or with the kinds of arguments that docs/kernels/offload.md lists',
  },

  // 3xxx: types
  IRIS3001: {
    title: '`{name}` holds values of different kinds: {kinds}',
    fix: 'use one variable for each kind of value',
  },
  IRIS3002: {
    title: 'the type of this expression cannot be determined: {reason}',
    fix: 'initialise the variable with a number or an array before its use',
  },
  IRIS3003: {
    title: 'option `returns: {wanted}` disagrees with the inferred result {found}',
    fix: 'change the option or convert the result',
  },
  IRIS3004: {
    title: 'the property `{name}` of {of} is not a number or an array: {found}',
    fix: 'keep numeric data in plain fields or typed arrays',
  },
  IRIS3005: { title: 'the object escapes: {how}', fix: 'return its fields, or keep the object local' },

  // 4xxx: the arguments of one call
  IRIS4001: {
    title: 'argument {index} is {found}, which a kernel cannot take',
    fix: 'pass numbers, booleans, typed arrays, arrays of numbers or objects with such fields',
  },
  IRIS4002: {
    title: 'the arrays {names} overlap without being the same',
    fix: 'pass disjoint views, or copy one of them',
  },
  IRIS4003: {
    title: 'the buffer of {name} is detached, resizable, or shared with writers outside kernel memory',
    fix: 'pass a view on a fixed-length ArrayBuffer, or one made by alloc()',
  },
  IRIS4004: {
    title: 'arrays given for scalar parameters differ in length: {lengths}',
    fix: 'pass arrays of one length, or numbers',
  },
  IRIS4005: { title: '{name} is a Proxy or has accessors', fix: 'pass a plain object with data properties' },
  IRIS4006: {
    title: 'the call left the compiled path: {reason}',
    fix: 'nothing, if this is rare; else keep this case out of the kernel',
  },
  IRIS4007: {
    title: 'the array {name} has holes or elements that are not numbers',
    fix: 'pass a typed array or fill the array with numbers',
  },
  IRIS4008: {
    title: 'this kernel has met more than {limit} kinds of arguments',
    fix: 'call it with fewer kinds of arguments, or make a kernel for each',
  },
  IRIS4009: { title: 'the objects {names} are one and the same', fix: 'pass distinct objects' },

  // 41xx: the kernel library
  IRIS4101: { title: '{kernel}: {name} is {found}, not {wanted}', fix: 'pass {wanted}' },
  IRIS4102: {
    title: '{kernel}: {name} has {found} elements, not {wanted}',
    fix: 'pass an array of the length that the other arguments ask for, or a subarray',
  },
  IRIS4103: {
    title: '{kernel}: the output {name} overlaps {other}',
    fix: 'pass an output of its own; where the kernel can work in place, pass the input itself as the output',
  },
  IRIS4104: { title: '{kernel}: {name} = {found} is out of range: {wanted}', fix: 'pass {name} as {wanted}' },
  IRIS4105: {
    title: '{kernel}: {reason}',
    fix: 'check the matrix; a general system needs a regular matrix, a Cholesky factor a symmetric positive definite one',
  },

  // 5xxx: the runtime
  IRIS5001: {
    title: 'kernel memory is full: {wanted} bytes wanted, {free} of {size} free',
    fix: 'free views, or raise IRIS_MEMORY_MAX',
  },
  IRIS5002: { title: 'the option `{name}` is wrong: {reason}', fix: '{fix}' },
  IRIS5003: {
    title: 'the compiler failed: {reason}',
    fix: 'this is a defect of Iris: please report it with the source of the kernel',
  },
  IRIS5004: { title: '`{name}` was freed already', fix: 'do not use a view after free()' },
  IRIS5005: { title: 'WebAssembly is not available here: {reason}', fix: 'run `iris doctor`' },
  IRIS5006: { title: 'the call did not begin within {ms} ms', fix: 'raise timeoutMs, or submit less work at once' },
  IRIS5007: {
    title: 'the call was stopped: it had not ended after {ms} ms',
    fix: 'raise timeoutMs, or give the kernel less to do at once',
  },
  IRIS5008: {
    title: 'the queue of the offload pool is full: {queued} calls wait, its capacity is {capacity}',
    fix: "await earlier calls first, raise `capacity`, or choose overflow 'block'",
  },
  IRIS5009: {
    title: 'the call was dropped from the full queue of the offload pool in favour of a newer one',
    fix: "submit less at once, or choose another overflow policy than 'dropold'",
  },
  IRIS5010: {
    title: 'the thread that ran the call ended: {reason}',
    fix: 'repeat the call if that is safe (`retry` does so); arrays in kernel memory hold unspecified values',
  },
  IRIS5011: { title: 'the offload pool is closed', fix: 'submit calls before close() or destroy()' },
  IRIS5012: {
    title: 'the running call was stopped from outside',
    fix: 'nothing, if this was wanted; arrays in kernel memory hold unspecified values',
  },

  // 6xxx: actors
  IRIS6001: {
    title: '{found} is not a pid of this runtime',
    fix: 'pass a value that spawn, whereis or resolve returned',
  },
  IRIS6002: {
    title: 'the actor {pid} is not alive (NoProc)',
    fix: 'monitor the actor, or look its name up again before the call',
  },
  IRIS6003: {
    title: 'the call to {pid} got no answer within {ms} ms: its outcome is unknown',
    fix: 'raise timeoutMs, or make the request safe to repeat before trying again',
  },
  IRIS6004: {
    title: 'the actor {pid} calls itself and would wait for ever',
    fix: 'compute the answer in the handler, or send a message to itself',
  },
  IRIS6005: {
    title: 'the actor {pid} exited with {reason} before it answered: the outcome is unknown',
    fix: 'see `cause`; repeat the request only if that is safe',
  },
  IRIS6006: { title: 'no actor is registered as `{name}`', fix: 'register the actor first, or test with whereis' },
  IRIS6007: { title: '`{name}` is taken by {pid}', fix: 'unregister it first, or choose another name' },
  IRIS6008: {
    title: 'the actor {pid} is registered as `{name}` already',
    fix: 'unregister that name first: a pid has one name',
  },
  IRIS6009: {
    title: 'the {what} is wrong: {reason}',
    fix: 'names are strings of 1 to 1024 bytes; paths also begin with `/` and have no empty segment',
  },
  IRIS6010: {
    title: 'the actor {pid} has a pending receive already',
    fix: 'await one recv before the next: a mailbox has one reader',
  },
  IRIS6011: {
    title: 'the actor {pid} cannot go back {steps} versions: {kept} are kept',
    fix: 'history holds 16 versions; ask behaviorVersion first',
  },
  IRIS6012: {
    title: 'the sender {pid} would block on itself: {cycle}',
    fix: 'use another overflow policy on one of these mailboxes, or do not await the send',
  },
  IRIS6013: {
    title: 'the blocked send to {pid} was given up: {reason}',
    fix: 'raise timeoutMs or capacity, or use another overflow policy',
  },
  IRIS6014: {
    title: 'the system is at capacity: {live} of {capacity} actors',
    fix: 'try again later, raise setSystemCapacity, or switch load shedding off',
  },
  IRIS6015: { title: 'the runtime has been shut down', fix: 'create a new Runtime' },
  IRIS6016: {
    title: 'no path supervisor is responsible for `{path}`',
    fix: 'call createPathSupervisor with this path or a prefix of it',
  },
  IRIS6017: {
    title: 'this message cannot cross threads: {reason}',
    fix: 'send bytes, numbers or structured-clonable values to actors on other threads',
  },
  IRIS6018: {
    title: 'the thread of the actor failed: {reason}',
    fix: 'see `cause`; the module must export a handler as default',
  },
  IRIS6019: {
    title: 'the actor {pid} has no mailbox to receive from here',
    fix: 'use spawnWithMailbox or spawnObserved',
  },
  IRIS6020: {
    title: 'the child `{id}` of the supervisor did not start: {reason}',
    fix: 'start must return the pid of a live actor',
  },
  IRIS6021: {
    title: 'the actor {pid} was stopped with {reason} while it received',
    fix: 'let the error end the actor; use finally for clean-up',
  },
  IRIS6022: {
    title: 'the transaction on {pid} did not commit: {reason}',
    fix: 'see `cause`; no staged effect has become visible',
  },
  IRIS6023: { title: '`{path}` has a path supervisor already', fix: 'remove it first, or use the existing one' },
  IRIS6024: {
    title: 'the behaviour of {pid} cannot be replaced: it is a pull actor or lives elsewhere',
    fix: 'hot swap push actors of this runtime',
  },

  // 7xxx: remarks of the optimiser, told by explain(); nothing is wrong
  IRIS7001: { title: 'this loop is vectorised: {how}', fix: 'nothing' },
  IRIS7002: { title: 'this loop is not vectorised: {reason}', fix: 'see docs/vectorising.md for what vectorises' },
  IRIS7003: { title: 'this loop runs on several threads: {how}', fix: 'nothing' },
  IRIS7004: {
    title: 'this loop runs on one thread: {reason}',
    fix: 'see docs/parallel.md for what can be shared among threads',
  },
} as const satisfies Record<string, { title: string; fix: string }>

export type DiagnosticCode = keyof typeof DIAGNOSTICS

/** A half-open range of UTF-16 offsets in the text of one function. `source` is an index of the request's functions. */
export interface Span {
  readonly source: number
  readonly start: number
  readonly end: number
}

export interface Diagnostic {
  readonly code: DiagnosticCode
  readonly message: string
  readonly fix: string
  readonly span?: Span
}

export type DiagnosticArguments = Readonly<Record<string, string | number>>

function fill(template: string, values: DiagnosticArguments): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

export function diagnostic(code: DiagnosticCode, values: DiagnosticArguments = {}, span?: Span): Diagnostic {
  const row = DIAGNOSTICS[code]
  return { code, message: fill(row.title, values), fix: fill(row.fix, values), ...(span && { span }) }
}

/** Thrown where compiled code cannot stand in for the original. Fallback catches this class and nothing else. */
export class Miss extends Error {
  override readonly name = 'Miss'
  readonly diagnostic: Diagnostic
  constructor(code: DiagnosticCode, values: DiagnosticArguments = {}, span?: Span) {
    const what = diagnostic(code, values, span)
    super(`${what.code}: ${what.message}`)
    this.diagnostic = what
  }

  /** One that was found elsewhere: on another thread, or in an earlier run. */
  static of(what: Diagnostic): Miss {
    const miss = new Miss(what.code)
    return Object.assign(miss, { message: `${what.code}: ${what.message}`, diagnostic: what })
  }
}

/** What users of the public surface catch: a stable code, and a message that names the fix. */
export class IrisError extends Error {
  override readonly name = 'IrisError'
  readonly code: string
  readonly fix: string
  constructor(code: DiagnosticCode, values: DiagnosticArguments = {}, options?: ErrorOptions) {
    const what = diagnostic(code, values)
    super(`${what.code}: ${what.message} (fix: ${what.fix})`, options)
    this.code = code
    this.fix = what.fix
  }
}
